"""A decision over HTTP, for whatever carries the traffic itself: Envoy's ext_authz, nginx's auth_request, Traefik's
ForwardAuth, and LiteLLM's Generic Guardrail API.

A door says yes or no. It cannot change a request, and never sees its answer: budgets of tokens, edits and the exchange log
need the proxy or the layer. Rates hold. Whoever asks is trusted to be the gateway: a door must not be reachable from outside.
Gateways pass on headers that they do not know, so each is believed those alone that it writes itself: hence a path for each.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import orjson

from stillwatch.guard import incoming
from stillwatch.guard.answers import Answer
from stillwatch.guard.gate import GO_ON, Gate, Incoming
from stillwatch.guard.identity import of_litellm
from stillwatch.guard.incoming import Gone, Receive, Scope, Send, TooLarge, TooSlow, say

ENVOY = "/ext_authz"  # path_prefix of Envoy's http_service: the request's own path comes after it
AUTH = "/auth"  # for nginx, which names the request's path in a header by its usual set-up
FORWARDED = f"{AUTH}/forwarded"  # for Traefik, which does so by itself in another one
LITELLM = "/beta/litellm_basic_guardrail_api"  # LiteLLM adds it to the api_base that it is given
DOORS = (AUTH, FORWARDED, LITELLM)  # and all below ENVOY
_NAMED_BY = {AUTH: b"x-original-uri", FORWARDED: b"x-forwarded-uri"}


class Doors:
    """An ASGI app of the paths above."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            came = await incoming.read(scope, receive, self.gate.limits)
        except (TooLarge, TooSlow):
            came = incoming.unread(scope)  # who sends it is known all the same
        except Gone:
            return None
        if came.path == LITELLM:
            return await say(send, await self._litellm(came))
        return await say(send, await self.gate.decided(_named(came)))

    async def _litellm(self, came: Incoming) -> Answer:
        """`NONE` lets pass, `BLOCKED` does not, with what the customer is told."""
        asked = _object(came.body)
        told = asked.get("request_data")
        who = of_litellm(told if isinstance(told, dict) else {})
        body = orjson.dumps({"model": asked.get("model") or "", "messages": asked.get("structured_messages") or []})
        request = Incoming("/v1/chat/completions", {}, body, "", time.time())
        answer = GO_ON
        if asked.get("input_type") != "response":
            answer = await self.gate.decided(request, who.account, who.organization)
        said = {"action": "NONE"} if answer.status == 200 else {"action": "BLOCKED", "blocked_reason": _message(answer)}
        return Answer(200, (("content-type", "application/json"),), orjson.dumps(said))


def _named(came: Incoming) -> Incoming:
    """The request that is asked about, its path as the model's server will read it."""
    if came.path.startswith(f"{ENVOY}/"):
        path = came.path.removeprefix(ENVOY)
    else:
        target = came.headers.get(_NAMED_BY.get(came.path, b""), b"").decode("latin-1")
        path = unquote(target.partition("#")[0].partition("?")[0])
    return replace(came, path=path)


def _object(body: bytes) -> MutableMapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _message(answer: Answer) -> str:
    found = _object(answer.body).get("error")
    return str(found["message"]) if isinstance(found, dict) else ""
