"""What a request asks for, read from its path and body once: facts for rules, texts for the log.

Bodies of OpenAI's chat, Responses, completions and embeddings and of Anthropic's messages, as the packages openai 3.57 and
anthropic 2.14 and the engines that speak these interfaces (vLLM, SGLang) have them. At these paths a body is JSON whatever
its content type says, because engines read it so. A value that is not of a fact's kind is as if it had not been sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from stillwatch.readers import bodies
from stillwatch.readers.shape import Row
from stillwatch.readers.values import at, flag, whole

OPENAI, ANTHROPIC, OTHER = "openai", "anthropic", "other"
VERSION = "/v1/"  # in the path of everything that both interfaces have
_ENDPOINTS = {
    "chat/completions": (OPENAI, "chat"), "responses": (OPENAI, "responses"), "completions": (OPENAI, "completions"),
    "embeddings": (OPENAI, "embeddings"), "messages": (ANTHROPIC, "messages"),
}  # fmt: skip
INVOCATIONS = (
    "/invocations"  # SageMaker's one path for all of them: vLLM and SGLang tell them apart by what is in the body
)
LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")  # names of the limit of an answer

BYTES_A_TOKEN = 4  # of English prose under the vocabularies in use; other scripts have more tokens than this says
_UNSAID_COMPLETION = 16  # tokens that /v1/completions answers when not told: OpenAI's default, and that of its engines
_MEDIA_TOKENS = 1_500  # of an image: the most that Anthropic counts for one is 1,600, OpenAI mostly half of that
_MEDIA = ("image_url", "input_image", "image", "input_audio", "input_file", "file", "document")  # kinds of parts
_MEDIA_KINDS = tuple(f'"{kind}"'.encode() for kind in _MEDIA)
_COUNTED = ("system", "instructions", "messages", "input", "prompt", "tools", "functions")
_SHOWN = ("summary", "generate_summary", "effort")  # of OpenAI's `reasoning`
_NOT = (None, False, "none", "disabled", "omitted")  # values that ask for no reasoning
LOGPROBS_INCLUDED = "message.output_text.logprobs"  # in `include` of Responses


class Malformed(Exception):
    """Why a body cannot be read, in words for whoever sent it."""


@dataclass(frozen=True)
class Asked:
    """One request. Texts and the number of its tokens are worked out when they are first asked for."""

    api: str  # openai, anthropic or other
    endpoint: str  # as the fact request.endpoint has it
    facts: Mapping[str, Any]  # request.…, of guard/facts.py
    raw: bytes  # the body as it came
    body: dict[str, Any] | None  # parsed; None where none is looked at

    @cached_property
    def row(self) -> Row:
        """Columns of the contract's exchanges that a body can tell; `prompt` is there, if only empty."""
        if self.body is None:
            return {"prompt": ""}
        found = bodies.asked(self.body)
        found.pop("messages", None)  # a list that is no conversation: numbers of tokens, mostly
        return {**found, "prompt": found.get("prompt") or "", "logprobs": self.facts["request.logprobs"]}

    def newest(self) -> str:
        """The newest user or tool content: the row's prompt, without the rest of it."""
        return "" if self.body is None else bodies.newest(self.body)

    @cached_property
    def input_tokens(self) -> int:
        """An estimate, to reserve tokens by until the answer says how many there were: a token for four bytes of text."""
        if self.body is None:
            return 0
        return _tokens([self.body[name] for name in _COUNTED if name in self.body])

    @property
    def most_input_tokens(self) -> int:
        """More than there can be: no token is shorter than a byte, and what frames a message is shorter than its JSON."""
        return len(self.raw) + _MEDIA_TOKENS * sum(self.raw.count(kind) for kind in _MEDIA_KINDS)

    @cached_property
    def answers(self) -> int:
        """How many there will be, to all the prompts that completions may have at once."""
        if self.body is None:
            return 1
        each = max(whole(self.body.get(name)) or 1 for name in ("n", "best_of"))
        prompt = self.body.get("prompt") if self.endpoint == "completions" else None
        if isinstance(prompt, list) and not any(isinstance(one, int) for one in prompt):  # numbers are tokens of one
            each *= max(len(prompt), 1)
        return max(each, 1)

    def most_answered(self, unsaid: int) -> int:
        """Tokens that one answer may have, `unsaid` where neither the client nor the interface says it."""
        default = _UNSAID_COMPLETION if self.endpoint == "completions" else unsaid
        return self.facts.get("request.max_tokens") or min(default, unsaid)

    @property
    def wants_usage(self) -> bool:
        """An OpenAI stream, the only answer that counts its tokens on demand, and the demand was made."""
        return at(self.body, "stream_options", "include_usage") is True


def api_of(path: str) -> str:
    """Which interface a path belongs to; `other` for one that no model answers."""
    return _called(path)[0]


def invoked(path: str) -> bool:
    """Whether it is SageMaker's, where a header may name the model as well."""
    return path.partition("?")[0].rstrip("/").endswith(INVOCATIONS)


def _called(path: str) -> tuple[str, str]:
    if invoked(path):
        return OPENAI, "chat"
    _, version, name = path.partition("?")[0].rpartition(VERSION)
    return _ENDPOINTS.get(name.rstrip("/"), (OTHER, OTHER)) if version else (OTHER, OTHER)


def asked(path: str, body: bytes) -> Asked:
    """What stands in a request. Malformed if it goes to a model and is not a JSON object."""
    api, endpoint = _called(path)
    found = _parsed(body) if api is not OTHER else None
    if found is not None and invoked(path):
        endpoint = _read_as(found)
    facts = {"request.endpoint": endpoint, "request.bytes": len(body)}
    if found is not None:
        facts.update(_facts(found, endpoint))
    return Asked(api, endpoint, facts, body, found)


def _read_as(body: dict[str, Any]) -> str:
    """The endpoint that engines take a body for that says nothing of it."""
    if isinstance(body.get("messages"), list):
        return "chat"
    return "completions" if body.get("prompt") is not None else "embeddings" if "input" in body else "chat"


def _facts(body: dict[str, Any], endpoint: str) -> dict[str, Any]:
    get = body.get
    model, tools = get("model"), get("tools") or get("functions")
    limits = [found for name in LIMITS if (value := get(name)) is not None and (found := whole(value)) and found > 0]
    answers = 1 if (n := get("n")) is None else whole(n) or 1
    stream = get("stream")
    return {
        "request.model": model if isinstance(model, str) and _can_be_written(model) else "",
        "request.stream": stream is not None and flag(stream) is True,
        "request.max_tokens": limits[0] if limits else 0,
        "request.n": max(answers, 1),
        "request.logprobs": _asks_logprobs(body, endpoint),
        "request.reasoning": _asks_reasoning(body),
        "request.tools": len(tools) if isinstance(tools, list) else 0,
    }


def _can_be_written(text: str) -> bool:
    """Without half of an emoji in it: a condition about such a text has no value, and its rule would not apply."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _asks_logprobs(body: dict[str, Any], endpoint: str) -> bool:
    own, top = body.get("logprobs"), body.get("top_logprobs")
    if own is not None and endpoint == "completions":  # a number; 0 still asks for those of the answer itself
        return own is not False
    if own is None and top is None:
        include = body.get("include")
        return isinstance(include, list) and LOGPROBS_INCLUDED in include
    return bool(flag(own) or flag(top))


def _asks_reasoning(body: dict[str, Any]) -> bool:
    """By any of the ways in which interfaces and engines let it be asked for."""
    if (effort := body.get("reasoning_effort")) and effort not in _NOT:
        return True
    if isinstance(thinking := body.get("thinking"), dict):  # Anthropic
        return thinking.get("type") not in _NOT and thinking.get("display", "") not in _NOT
    if isinstance(reasoning := body.get("reasoning"), dict):
        return any(reasoning.get(name) not in _NOT for name in _SHOWN)
    if isinstance(include := body.get("include"), list):
        return any(isinstance(one, str) and one.startswith("reasoning.") for one in include)
    template = body.get("chat_template_kwargs")  # vLLM, SGLang
    return isinstance(template, dict) and (template.get("enable_thinking") is True or template.get("thinking") is True)


def _parsed(body: bytes) -> dict[str, Any] | None:
    """The object; None for no body at all, as a listing of stored answers has it."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        if not body.strip():
            return None
        found = _leniently(body, problem)
    if not isinstance(found, dict):
        raise Malformed("the body has to be a JSON object")
    return found


def _leniently(body: bytes, problem: orjson.JSONDecodeError) -> Any:
    """JSON by the letter that orjson does not take: half an emoji, as JavaScript cuts texts, and numbers like 1e999."""
    try:
        return json.loads(body.decode(), parse_constant=_no_number)
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None
    except ValueError:  # not UTF-8, not JSON, or a number of thousands of digits
        raise Malformed(f"the body is not JSON: {problem.msg} at character {problem.pos}") from None


def _no_number(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity, which Python reads and JSON does not have


def _tokens(values: list[Any]) -> int:
    """Of all text in these, at any depth."""
    size = numbers = media = 0
    waiting: list[Any] = values
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            size += len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            if value.get("type") in _MEDIA:
                media += 1
            else:
                waiting.extend(value.values())
        elif isinstance(value, int):
            numbers += 1  # a prompt may be a list of tokens
    return size // BYTES_A_TOKEN + numbers + media * _MEDIA_TOKENS
