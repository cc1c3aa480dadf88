"""The guard inside LiteLLM's proxy, named in its config.yaml as `guardrail: stillwatch.guard.litellm.StillwatchGuardrail`.

LiteLLM (1.108) makes the class once in each process, on the event loop that serves; the guard sets itself up from the
environment (guard/setup.py). Of a request LiteLLM shows what it has parsed, of an answer objects: both are written as JSON
again, and what the gate changes in a body is put back into LiteLLM's. It asks for the usage of streams itself, and takes
it out again for clients that did not.
"""

from __future__ import annotations

import asyncio
import json
import time
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from typing import Any

import orjson
from litellm.integrations.custom_guardrail import CustomGuardrail
from litellm.proxy._types import ProxyException

from stillwatch.guard import answers
from stillwatch.guard.answers import Answer
from stillwatch.guard.gate import GO_ON, Gate, Incoming, Passage
from stillwatch.guard.identity import of_litellm
from stillwatch.guard.requests import api_of
from stillwatch.guard.setup import from_environment

_PATHS = {  # by LiteLLM's name of the call, which stands for all paths at which it takes one
    "acompletion": "/v1/chat/completions", "completion": "/v1/chat/completions", "atext_completion": "/v1/completions",
    "text_completion": "/v1/completions", "aresponses": "/v1/responses", "responses": "/v1/responses",
    "aembedding": "/v1/embeddings", "embeddings": "/v1/embeddings", "anthropic_messages": "/v1/messages",
}  # fmt: skip
_ITS_OWN = (
    "user_api_key_hash"  # in the `metadata` or `litellm_metadata` that LiteLLM fills; it takes it out of the other
)
_HOOKS = "pre_call", "post_call"  # whatever `mode` says: with half of it, budgets would not be settled
_FAILED = 500  # status of an answer that failed and does not say with which
_TAKEN = {"max_completion_tokens": "max_tokens"}  # by each provider, as LiteLLM names it to those with another name
_WHO = {"user_id": "user_id", "team_id": "team_id", "org_id": "org_id", "hash": "api_key"}  # and LiteLLM's attributes


class _Call:
    """A request on its way, which several hooks may see the end of."""

    __slots__ = ("_gate", "_left", "passage")

    def __init__(self, gate: Gate, passage: Passage) -> None:
        self._gate, self.passage, self._left = gate, passage, False

    def leave(self) -> None:
        """Settle and note, once."""
        if not self._left:
            self._left = True
            self._gate.leave(self.passage)


_CALL: ContextVar[_Call | None] = ContextVar("the request of this task, and of those that it begins", default=None)


class StillwatchGuardrail(CustomGuardrail):  # type: ignore[misc]  # litellm is not looked into
    """Decides before the model is asked, and settles after. Errors of ours let the request pass, and are counted.

    LiteLLM runs hooks of the class itself, not inherited ones: to change one, a subclass has to have them all.
    """

    def __init__(self, **settings: Any) -> None:
        settings["event_hook"] = [*_HOOKS]
        super().__init__(**settings)
        self._gate = from_environment().gate
        self._loop = asyncio.get_running_loop()

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str
    ) -> Any:
        """Before the model is asked: the request as it may go on, or what is answered in its place."""
        try:
            _left(_CALL.get())  # LiteLLM begins again with another model where its own limits are used up
            _CALL.set(None)
            answer = await self._entered(data, call_type, user_api_key_dict)
        except RecursionError:  # refused, as by the proxy: passing what is not looked at would be a way around
            answer = answers.malformed(api_of(_PATHS.get(call_type, "")), "the body is nested too deeply")
        except Exception as problem:
            self._failed(problem)
            return data
        if answer is not None:
            raise _refusal(answer)
        return data

    async def async_post_call_success_hook(self, data: Any, user_api_key_dict: Any, response: Any) -> None:
        """An answer in one piece."""
        call = _CALL.get()
        if call is None:
            return
        try:
            call.passage.begins(200, b"application/json", encoded=False, counted_alone=True)
            if call.passage.counts:
                call.passage.feed(_together(response) if isinstance(response, list) else _written(response))
        except Exception as problem:
            self._failed(problem)
        self._leave(call)

    async def async_post_call_success_deployment_hook(self, request_data: Any, response: Any, call_type: Any) -> None:
        """An answer of one model of several, or a stream before it begins, where a request or a model names guardrails.

        LiteLLM would show it to the hook above: too early, and then once more.
        """

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: AsyncIterator[Any], request_data: Any
    ) -> AsyncIterator[Any]:
        """A stream, piece by piece; when the client hangs up, LiteLLM closes it here."""
        call = _CALL.get()
        if call is not None:
            call.passage.begins(200, b"text/event-stream", encoded=False, counted_alone=True)
        try:
            async for one in response:
                if call is not None and call.passage.counts:
                    self._count(call.passage, one)
                yield one
        finally:
            self._leave(call)

    async def async_post_call_failure_hook(
        self, request_data: Any, original_exception: Exception, user_api_key_dict: Any, traceback_str: str | None = None
    ) -> None:
        """An answer that failed, or a request that another hook refused."""
        call = _CALL.get()
        if call is not None and not call.passage.status:
            status = getattr(original_exception, "status_code", None) or getattr(original_exception, "code", None)
            known = str(status).isdigit() and int(str(status)) >= 400
            call.passage.status = int(str(status)) if known else _FAILED
        self._leave(call)

    async def async_post_call_response_headers_hook(
        self,
        data: Any,
        user_api_key_dict: Any,
        response: Any,
        request_headers: Any = None,
        litellm_call_info: Any = None,
    ) -> dict[str, str] | None:
        """The number of the decision, beside the answer."""
        call = _CALL.get()
        return {answers.DECISION_HEADER: call.passage.decision.id} if call and call.passage.decision.id else None

    async def _entered(self, data: dict[str, Any], call_type: str, auth: Any) -> Answer | None:
        who = of_litellm({f"user_api_key_{name}": getattr(auth, attribute, None) for name, attribute in _WHO.items()})
        came = _incoming(data, _PATHS.get(call_type, ""))
        if not came.path:  # images, files, batches: for whoever may be answered
            answer = await self._gate.decided(came, who.account, who.organization)
            return None if answer is GO_ON else answer
        for other in _others(data):
            answer = await self._gate.decided(
                _incoming({**data, "model": other}, came.path), who.account, who.organization
            )
            if answer is not GO_ON:
                return answer
        passage = await self._gate.enter(came, who)
        if isinstance(passage, Answer):
            return passage
        call = _Call(self._gate, passage)
        _CALL.set(call)
        if (theirs := data.get("litellm_logging_obj")) is not None:  # lives as long as the request
            weakref.finalize(theirs, self._forgotten, call).atexit = False
        if passage.body is not came.body:
            _put_back(data, passage)
        return None

    def _forgotten(self, call: _Call) -> None:
        """A request that ended without any hook, such as a stream whose client was gone before it began. On any thread."""
        with suppress(RuntimeError):  # the loop has ended, and with it all budgets of this process
            self._loop.call_soon_threadsafe(partial(self._leave, call))

    def _count(self, passage: Passage, one: Any) -> None:
        try:
            passage.feed(one if isinstance(one, bytes) else b"data: " + _written(one) + b"\n\n")
        except Exception as problem:
            self._failed(problem)

    def _leave(self, call: _Call | None) -> None:
        try:
            _left(call)
        except Exception as problem:
            self._failed(problem)

    def _failed(self, problem: Exception) -> None:
        self._gate.guard.counts[f"failed: {type(problem).__name__}"] += 1


def _left(call: _Call | None) -> None:
    if call is not None:
        call.leave()


def _others(data: Mapping[str, Any]) -> list[str]:
    """LiteLLM asks every model of `model: "a,b"` at once; rules that are for some models see one name at a time."""
    model = data.get("model")
    return [one.strip() for one in model.split(",")] if isinstance(model, str) and "," in model else []


def _incoming(data: Mapping[str, Any], path: str) -> Incoming:
    """The request as it came, with what LiteLLM and hooks before this one have changed in it."""
    came = data.get("proxy_server_request") or {}
    told = [one for name in ("metadata", "litellm_metadata") if isinstance(one := data.get(name), dict)]
    own = next((one for one in told if _ITS_OWN in one), {})
    sent = {name: data[name] for name in came.get("body") or () if name in data and data[name] is not own}
    sent.pop("litellm_metadata", None)
    headers = {name.lower().encode(): str(value).encode() for name, value in (came.get("headers") or {}).items()}
    address = str(own.get("requester_ip_address") or "").partition(",")[0].strip()
    return Incoming(path, headers, _json(sent) if path else b"", address, time.time())


def _put_back(data: dict[str, Any], passage: Passage) -> None:
    """What the gate has changed, in LiteLLM's request, but `stream_options`: LiteLLM knows which models take them."""
    before, after = passage.asked.body or {}, json.loads(passage.body)
    for name in (before.keys() | after.keys()) - ({"stream_options"} if passage.hide_usage else set()):
        if name not in after:
            data.pop(name, None)
        elif name not in before:
            data[_TAKEN.get(name, name)] = after[name]
        elif before[name] != after[name]:
            data[name] = after[name]
    passage.hide_usage = False


def _refusal(answer: Answer) -> ProxyException:
    """What LiteLLM makes an answer of that has our status and text, and nothing of the guardrail in it."""
    error = orjson.loads(answer.body)["error"]
    headers = {name: value for name, value in answer.headers if not name.startswith("content-")}
    return ProxyException(error["message"], error["type"], None, answer.status, headers)


def _written(answer: Any) -> bytes:
    """One of LiteLLM's objects, or what it passes on as it came."""
    if isinstance(answer, (str, bytes)):
        return answer.encode() if isinstance(answer, str) else answer
    written = getattr(answer, "model_dump_json", None)
    return _json(answer) if written is None else written(exclude={"data"}).encode()  # not the numbers of embeddings


def _together(several: list[Any]) -> bytes:
    """The usage of answers to one request: LiteLLM asks every model of `model: "a,b"`."""
    told = [getattr(one, "usage", None) for one in several]
    names = ("prompt_tokens", "completion_tokens")
    return _json({"usage": {name: sum(getattr(one, name, None) or 0 for one in told) for name in names}})


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=str)
    except (orjson.JSONEncodeError, TypeError):  # half an emoji in it, or a number of more than 64 bits
        return json.dumps(value, default=str).encode()
