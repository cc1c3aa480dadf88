"""The way out: what would be sent, and what a server that listens gets and answers."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
from aiohttp import web

from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.verification.vendors.begin import Begun, request, send

ANSWERS = {
    "/v1/identity/verification_sessions": {"id": "vs_1", "url": "https://verify.stripe.com/start/x"},
    "/api/v1/inquiries": {"data": {"id": "inq_1"}, "meta": {"one-time-link": "https://withpersona.com/verify?code=A"}},
}


def served(vendor: str, status: int = 200, body: bytes | None = None, template: str = "t") -> tuple[Begun, Any]:
    """What comes of it at a server on this machine, and the request it got."""
    got: dict[str, Any] = {}

    async def answer(came: web.Request) -> web.Response:
        got.update(
            path=came.path,
            method=came.method,
            headers={k.lower(): v for k, v in came.headers.items()},
            body=await came.read(),
        )
        return web.Response(status=status, body=orjson.dumps(ANSWERS[came.path]) if body is None else body)

    async def both() -> Begun:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        try:
            asked = request(vendor, "case-1", "https://example.com/back", template, f"http://127.0.0.1:{port}/")
            return await send(vendor, asked, "sk_test")
        finally:
            await runner.cleanup()

    return asyncio.run(both()), got


def test_stripe() -> None:
    begun, got = served("stripe_identity", template="")
    assert begun == Begun("vs_1", "https://verify.stripe.com/start/x")
    assert {key: value[0] for key, value in parse_qs(got["body"].decode()).items()} == {
        "client_reference_id": "case-1", "metadata[stillwatch_case]": "case-1", "return_url": "https://example.com/back",
        "type": "document", "options[document][require_matching_selfie]": "true",
    }  # fmt: skip
    assert (
        got["headers"]["authorization"] == "Bearer sk_test" and got["headers"]["idempotency-key"] == "stillwatch-case-1"
    )
    flow = parse_qs(request("stripe_identity", "c", "https://e.com", "vf_1").body.decode())
    assert flow["verification_flow"] == ["vf_1"] and "type" not in flow


def test_persona() -> None:
    begun, got = served("persona")
    assert begun == Begun("inq_1", "https://withpersona.com/verify?code=A")
    assert orjson.loads(got["body"])["data"]["attributes"] == {
        "inquiry-template-id": "t", "reference-id": "case-1", "redirect-uri": "https://example.com/back",
    }  # fmt: skip
    assert got["headers"]["persona-version"]


def test_what_is_shown_has_no_key_in_it() -> None:
    shown = request("stripe_identity", "case-1", "https://example.com/back").shown()
    assert "authorization" not in shown["headers"] and shown["url"].startswith("https://api.stripe.com/")  # type: ignore


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [(401, b'{"error":"no such key"}', "401"), (200, b"<html>", "form"), (200, b"[]", "form"), (200, b'{"id":1}', "session"),
     (302, b"", "302")],
)  # fmt: skip
def test_what_goes_wrong_there_is_said(status: int, body: bytes, said: str) -> None:
    with pytest.raises(ResponseFailed, match=said):
        served("stripe_identity", status, body)


def test_nobody_listens() -> None:
    asked = request("persona", "case-1", "https://example.com", "t", "http://127.0.0.1:9")
    with pytest.raises(ResponseFailed):
        asyncio.run(send("persona", asked, "k"))


def test_who_has_no_way_in_is_told() -> None:
    with pytest.raises(BadConfiguration, match="stripe_identity, persona"):
        request("sumsub", "case-1", "https://example.com")
    with pytest.raises(BadConfiguration, match="template"):
        request("persona", "case-1", "https://example.com")
