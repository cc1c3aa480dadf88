"""The server that replicas share, behind a password and TLS: what is said when either does not fit, and that requests go on."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import openai
import orjson
import pytest
import redis_here
from guard_files import acting
from guard_placed import Placed, free_port
from redis_here import RedisHere

from stillwatch.errors import BadConfiguration
from stillwatch.guard.server import AWAY, Server

ASKED = [{"role": "user", "content": "What is the answer?"}]
BUDGET = {"token_budget": {"tokens": 200, "every": "1d", "of": "campaign"}}
CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
    "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out server.pem"
)


class Secured:
    """A server with a user `guard` who may use the guard's keys, over TLS alone. Its certificate vouches for itself."""

    def __init__(self, folder: Path) -> None:
        subprocess.run(CERTIFICATE.split(), cwd=folder, check=True, capture_output=True)
        self.certificate, self.port = folder / "server.pem", free_port()
        self.server = RedisHere(f"""
            tls-port {self.port}
            bind 127.0.0.1
            tls-cert-file {self.certificate}
            tls-key-file {folder}/key.pem
            tls-auth-clients no
            user default off
            user guard on >right ~stillwatch:* +@all -@dangerous
        """)

    def url(
        self, who: str = "guard:right@", trusted: bool = True, host: str = "localhost", scheme: str = "rediss"
    ) -> str:
        return f"{scheme}://{who}{host}:{self.port}" + (f"?ssl_ca_certs={self.certificate}" if trusted else "")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    reason = redis_here.missing() or ("" if shutil.which("openssl") else "there is no openssl: apt-get install openssl")
    if reason:
        (pytest.fail if redis_here.wanted() else pytest.skip)(reason)
    one = Secured(tmp_path_factory.mktemp("secured"))
    yield one
    one.server.close()


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({}, ""),
        ({"host": "127.0.0.1"}, ""),
        ({"who": "guard:wrong@"}, "invalid username-password pair"),
        ({"who": ""}, "Authentication required"),
        ({"trusted": False}, "certificate verify failed"),
        ({"scheme": "redis", "trusted": False}, "Connection"),
    ],
)
def test_what_does_not_fit_is_said(secured: Secured, differs: dict[str, Any], said: str) -> None:
    async def story() -> None:
        told: list[str] = []
        server = Server(secured.url(**differs), told.append, 5.0)
        answers = [await server.ask("SET", "stillwatch:x", "1"), await server.ask("GET", "stillwatch:x")]
        assert answers == ([AWAY, AWAY] if said else [b"OK", b"1"]) and server.up is not bool(said)
        assert said in server.problem and len(told) == bool(said) and server.problem in "".join(told)
        assert "wrong" not in "".join(told)
        await server.close()

    asyncio.run(story())


@pytest.mark.parametrize("query", ["?ssl_ca=x", "?ssl_ca_certs=/no/such/file", "?ssl_keyfile=/no/such/file"])
def test_a_mistake_in_the_address_is_an_error_at_once(query: str) -> None:
    with pytest.raises(BadConfiguration, match="ssl_"):
        Server(f"rediss://localhost{query}", print)


def _health(placed: Placed, shared: str) -> dict[str, Any]:
    """What a guard says of itself, once it says this of the server."""
    found: dict[str, Any] = {}
    for _ in range(200):
        with urlopen(f"{placed.inside}/healthz") as answer:
            found = orjson.loads(answer.read())
        if shared in found["shared"]:
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def _passed(placed: Placed) -> int:
    """Requests of a campaign until its budget is used up."""
    for passed in range(100):
        try:
            placed.openai("sk-campaign").chat.completions.create(model="m", messages=ASKED, max_tokens=5)
        except openai.RateLimitError:
            return passed
    raise AssertionError("there is no end to it")


def test_a_guard_shares_over_tls_and_one_that_may_not_counts_for_itself(
    place: Any, secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "STILLWATCH_GUARD_REDIS", secured.url())  # a password is no option for all to see
    member = place(acting(do=BUDGET))
    passed = _passed(member)
    assert passed > 1
    for _ in range(200):  # a machine that is busy may have taken too long, and is told what it missed
        if found := _budgets(secured):
            break
        time.sleep(0.05)
    assert found and _health(member, "up")["status"] == "ok", "counted on the server"
    monkeypatch.setitem(os.environ, "STILLWATCH_GUARD_REDIS", secured.url("guard:wrong@"))
    stranger = place(acting(do=BUDGET), again=True)
    found = _health(stranger, "invalid username-password pair")
    assert found["status"] == "degraded" and "wrong" not in str(found), "said before any request came"
    assert _passed(stranger) == passed, "as if nobody had used anything"


def _budgets(secured: Secured) -> list[bytes]:
    """Keys of budgets on the server."""

    async def look() -> list[bytes]:
        server = Server(secured.url(), print, 5.0)
        _, found = await server.ask("SCAN", 0, "MATCH", "stillwatch:budget:*", "COUNT", 1000)
        await server.close()
        return list(found)

    return asyncio.run(look())
