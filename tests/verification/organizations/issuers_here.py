"""Logging in at a provider that keeps the rules (oidc-provider-mock), and a provider that signs whatever it is told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

WORKER = "worker@example.com"


async def logged_in(address: str, who: str) -> dict[str, str]:
    """What a browser comes back with, after this user logged in at the mock."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data={"sub": who}, allow_redirects=False) as answer,
    ):
        return came_back(answer.headers["location"])


async def broken_off(address: str) -> dict[str, str]:
    """The same after the user said no. The mock leaves out the state, which RFC 6749, section 4.1.2.1, asks for."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data={"action": "deny"}, allow_redirects=False) as answer,
    ):
        return {"state": came_back(address)["state"], **came_back(answer.headers["location"])}


def came_back(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


@dataclass
class Crooked:
    """A provider whose token endpoint gives `token`, made by `signs` of the claims given."""

    address: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    token: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    asked_for_keys: int = 0
    document: dict[str, Any] = field(default_factory=dict)  # over what discovery says

    def signs(self, claims: dict[str, Any], key: Any = None, **header: Any) -> None:
        used = key or self.key
        self.token = jwt.encode(
            {"alg": "RS256", "kid": used.kid, **header}, claims, used, algorithms=[header.get("alg", "RS256")]
        )

    async def discovery(self, _: web.Request) -> web.Response:
        doors = {name: f"{self.address}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        return web.json_response({"issuer": self.address, **doors, **self.document})

    async def keys(self, _: web.Request) -> web.Response:
        self.asked_for_keys += 1
        return web.json_response(KeySet([self.key]).as_dict())

    async def tokens(self, came: web.Request) -> web.Response:
        self.forms.append({name: str(value) for name, value in (await came.post()).items()})
        return web.json_response({"id_token": self.token, "access_token": "access", "token_type": "Bearer"})


@contextmanager
def crooked() -> Iterator[Crooked]:
    """One that listens on this machine until the end."""
    made, ready, loop = Crooked(), threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", made.discovery)
        app.router.add_get("/jwks_uri", made.keys)
        app.router.add_post("/token_endpoint", made.tokens)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    yield made
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
