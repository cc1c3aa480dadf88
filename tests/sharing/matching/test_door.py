"""The door on this machine, asked by the client that `ask` has; and whoever else comes."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pyarrow.parquet as pq
import pytest
import uvicorn

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.matching import asker, door, epochs, messages
from stillwatch.sharing.matching.client import Holder
from stillwatch.sharing.matching.door import Door
from stillwatch.sharing.matching.refused import Refused
from tests.sharing.matching.matching_here import NOW, SECRET, Two, set_up, values


@dataclass
class Placed:
    two: Two
    url: str
    token: str
    said: list[str] = field(default_factory=list)

    @property
    def holder(self) -> Holder:
        return Holder(self.url, self.token)

    def ask(
        self, method: str, path: str, body: bytes | None = None, authorization: str | None = None
    ) -> tuple[int, bytes]:
        headers = {"authorization": f"Bearer {self.token}" if authorization is None else authorization}

        async def once() -> tuple[int, bytes]:
            async with (
                aiohttp.ClientSession() as session,
                session.request(method, f"{self.url}{path}", data=body, headers=headers) as answer,
            ):
                return answer.status, await answer.read()

        return asyncio.run(once())


@pytest.fixture
def placed(tmp_path: Path) -> Iterator[Placed]:
    two = set_up(tmp_path, values("abcde", "C-north", 0.9, "n"))
    token = epochs.token(tmp_path, "south").read_text().strip()
    here = Placed(two, "", token)
    app = Door(tmp_path, lambda: NOW, here.said.append)
    on = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_config=None, interface="asgi3")
    )
    thread = threading.Thread(target=server.run, args=([on],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    here.url = f"http://127.0.0.1:{on.getsockname()[1]}"
    yield here
    server.should_exit = True
    thread.join(10)
    app.close()


def test_a_match_over_http(placed: Placed, tmp_path: Path) -> None:
    published, found = placed.holder.set("2026-11"), values("cdxyz", "C-south", 0.8, "s")
    assert published == placed.two.set
    reply = placed.holder.evaluation(asker.request(published, found, SECRET, NOW, 1))
    answer = asker.finished(published, found, SECRET, reply, NOW, 1)
    assert {one.account_id for one in answer.matches} == {"s-c", "s-d"}
    placed.holder.tell("2026-11", answer.told)
    placed.holder.tell("2026-11", answer.told)
    (kept,) = (tmp_path / "south/2026-11").glob("told-*.parquet")
    assert pq.read_table(kept)["account_id"].to_pylist() == ["n-c", "n-d"]
    lines = [json.loads(one) for one in (tmp_path / "evaluations.jsonl").read_text().splitlines()]
    assert [(one["what"], one.get("points")) for one in lines] == [("evaluated", 1_024), ("told", None), ("told", None)]
    assert placed.said == []


def test_the_client_says_what_the_holder_refused(placed: Placed) -> None:
    request = asker.request(placed.two.set, values("ab"), SECRET, NOW, 1)
    placed.holder.evaluation(request)
    for does, code in (
        (lambda: placed.holder.evaluation(request), "replay"), (lambda: placed.holder.set("2027-01"), "no_epoch"),
        (lambda: placed.holder.evaluation(b"noise"), "malformed"),
        (lambda: Holder(placed.url, "0" * 64).set("2026-11"), "unauthorized"),
        (lambda: Holder("http://127.0.0.1:9", "0" * 64).set("2026-11"), "no_answer"),
    ):  # fmt: skip
        with pytest.raises(Refused) as problem:
            does()
        assert problem.value.code == code
    assert placed.token not in repr(placed.holder)


def test_a_token_goes_over_tls_alone() -> None:
    for url in ("http://north.example", "ftp://north.example", "north.example", "https://"):
        with pytest.raises(BadConfiguration):
            Holder(url, "x")
    Holder("https://north.example/match", "x")


@pytest.mark.parametrize(
    ("method", "path", "authorization", "status"),
    [
        ("GET", "/healthz", "", 200), ("GET", "/v1/sets/2026-11", "", 401), ("GET", "/v1/sets/2026-11", "Bearer x", 401),
        ("GET", "/v1/sets/2026-11", "Basic TOKEN", 401), ("GET", "/v1/sets/2026-11", "bearer TOKEN", 200),
        ("GET", "/v1/sets/..%2f..%2f", "Bearer TOKEN", 404), ("GET", "/v1/sets/2026-11%00", "Bearer TOKEN", 404),
        ("POST", "/v1/sets/2026-11", "Bearer TOKEN", 404), ("GET", "/v1/evaluations", "Bearer TOKEN", 404),
        ("GET", "/south/2026-11/key", "Bearer TOKEN", 404), ("POST", "/v1/told/2026-11", "Bearer TOKEN", 400),
        ("GET", "/", "", 401),
    ],
)  # fmt: skip
def test_routes(placed: Placed, method: str, path: str, authorization: str, status: int) -> None:
    body = b"" if method == "POST" else None
    assert placed.ask(method, path, body, authorization.replace("TOKEN", placed.token))[0] == status
    assert placed.said == []


def test_a_partner_sees_its_own_set_alone(placed: Placed, tmp_path: Path) -> None:
    other = epochs.token(tmp_path, "west").read_text().strip()
    request = asker.request(placed.two.set, values("ab"), SECRET, NOW, 1)
    assert placed.ask("GET", "/v1/sets/2026-11", None, f"Bearer {other}")[0] == 404
    assert placed.ask("POST", "/v1/evaluations", request, f"Bearer {other}")[0] == 403
    assert placed.two.spent.used("west", "2026-11") == placed.two.spent.used("south", "2026-11") == (0, 0)


def test_what_is_too_large_is_not_read(placed: Placed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_BYTES", 10_000)
    status, body = placed.ask("POST", "/v1/evaluations", bytes(10_001))
    assert (status, json.loads(body)["error"]["code"]) == (413, "too_large")


def test_a_defect_shows_nothing(placed: Placed, tmp_path: Path) -> None:
    request = asker.request(placed.two.set, values("ab"), SECRET, NOW, 1)
    (tmp_path / "south/2026-11/limits.json").write_bytes(b"{")
    status, body = placed.ask("POST", "/v1/evaluations", request)
    assert status == 500 and b"limits" not in body and len(placed.said) == 1
    (tmp_path / "south/2026-11/key").chmod(0o644)
    assert placed.ask("GET", "/v1/sets/2026-11")[0] == 500
    assert messages.digest(placed.two.set) not in body.decode()
