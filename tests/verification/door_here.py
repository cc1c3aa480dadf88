"""The service on this machine, both doors, on the real store; and sign-ups judged by a rule that a test can read."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvicorn

from stillwatch.evidence import Reason
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.verification.assesses import Unreadable
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.door import Inside, Outside, Service
from stillwatch.verification.ladder import Cases, Opened
from stillwatch.verification.organizations import Issuer, Organizations
from stillwatch.verification.vendors import ALL
from tests.verification.vendors.signing import NOW, SECRETS

TOKENS = ("a" * 64, "b" * 64)


class Rule:
    """Asks whoever comes from a disposable domain. What it is told, it remembers."""

    def __init__(self) -> None:
        self.learned: list[tuple[str, str, float]] = []
        self.later: list[Assessment] = []  # of earlier sign-ups, told with the next one
        self.asked_of: list[str] = []

    def assess(self, row: dict[str, Any], now: float) -> Assessment:
        account = row.get("account_id")
        if not isinstance(account, str) or not account:
            raise Unreadable("account_id", "a text was expected")
        if account == "broken":
            raise ZeroDivisionError("secret of ours")
        asks = str(row.get("email", "")).endswith("@disposable.example")
        reason = Reason("disposable_mail", "the mail address is at a disposable domain", 5.0, "people who fear spam")
        return Assessment(
            account,
            now,
            row.get("likelihood", 0.9) if asks else 0.01,
            5.0,
            asks,
            (reason,) if asks else (),
            "B-1" if asks else "",
        )

    def learn(self, account_id: str, verdict: str, at: float) -> None:
        self.learned.append((account_id, verdict, at))

    def raised(self, now: float) -> list[Assessment]:
        told, self.later = self.later, []
        return told

    def asked(self, account_id: str, now: float) -> None:
        self.asked_of.append(account_id)


@dataclass
class Placed:
    inside: str
    outside: str
    service: Service
    rule: Rule
    clock: list[float]
    said: list[str] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def open_case(self, name: str = "case-1", account: str = "acct_1", steps: tuple[str, ...] = ("identity",)) -> None:
        self.service.cases.open_case(Opened(name, account, NOW - 100, steps, NOW + 1e6))

    def ask(
        self, address: str, method: str = "GET", body: Any = None, token: str | None = TOKENS[0], **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, document and headers. `address` begins with the door: inside/… or outside/…"""
        door, _, path = address.partition("/")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None and door == "inside":
            sent["authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes) or body is None else orjson.dumps(body)

        async def once() -> tuple[int, Any, dict[str, str]]:
            async with (
                aiohttp.ClientSession(auto_decompress=False) as session,
                session.request(
                    method, f"{getattr(self, door)}/{path}", data=data, headers=sent, allow_redirects=False
                ) as answer,
            ):
                text = await answer.read()
                told = {name.lower(): value for name, value in answer.headers.items()}
                return answer.status, orjson.loads(text) if told["content-type"] == "application/json" else text, told

        return asyncio.run(once())

    def webhook(self, vendor: str, sent: Any) -> tuple[int, str]:
        status, told, _ = self.ask(f"outside/v1/webhooks/{vendor}", "POST", sent.body, **sent.headers)
        return status, told.get("result", "")

    def state(self, case: str = "case-1") -> str:
        found = self.service.cases.case(case)
        assert found is not None
        return found.state

    def metrics(self) -> str:
        return str(self.ask("inside/metrics")[1].decode())


def until(holds: Callable[[], bool]) -> None:
    """Wait, ten seconds at most, for what is done after an answer."""
    ends = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < ends, "it was never done"
        time.sleep(0.005)


@contextmanager
def placed(folder: Path, issuers: dict[str, Issuer] | None = None, **other: Any) -> Iterator[Placed]:
    """Both doors, until the end."""
    rule, clock, said, notes = Rule(), [NOW], [], []
    service = Service(
        assesses=rule, cases=Cases(folder / "cases.db", Pseudonyms(b"k" * 32)), vendors={one.name: one for one in ALL},
        secrets={name: [secret] for name, secret in SECRETS.items()},
        organizations=Organizations(issuers or {}, "https://provider.example/v1/organizations/callback"), tokens=TOKENS,
        now=lambda: clock[0], notes=notes.append, says=said.append, **other,
    )  # fmt: skip
    apps = (Inside(service), Outside(service))
    servers, addresses = [], []
    for app in apps:
        on = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_config=None, interface="asgi3")
        )
        thread = threading.Thread(target=server.run, args=([on],), daemon=True)
        thread.start()
        servers.append((server, thread))
        addresses.append(f"http://127.0.0.1:{on.getsockname()[1]}")
    while not all(server.started for server, _ in servers):
        time.sleep(0.005)
    yield Placed(addresses[0], addresses[1], service, rule, clock, said, notes)
    for server, thread in servers:
        server.should_exit = True
        thread.join(10)
    for app in apps:
        app.close()
    service.cases.close()
