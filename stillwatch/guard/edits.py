"""A body as it goes to the engine: what hygiene and a decision ask for, and not a byte of it changed beyond that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stillwatch.guard.decision import Decision
from stillwatch.guard.hygiene import DEEPEST, NESTS, Cleaned
from stillwatch.guard.members import GONE, Path, Place, added, changed
from stillwatch.guard.requests import LIMITS, LOGPROBS_INCLUDED, OPENAI, Asked
from stillwatch.readers.values import at, whole

_LIMIT = {
    "chat": "max_completion_tokens", "completions": "max_tokens", "responses": "max_output_tokens",
    "messages": "max_tokens",
}  # fmt: skip
_NO_NOTE: Mapping[Place, Any] = {}
_LEAST_THINKING = 1_024  # tokens; Anthropic takes no smaller budget, and none that is not below the limit of the answer


def edited(
    asked: Asked,
    decision: Decision,
    cleaned: Cleaned,
    most_output: int | None = None,
    watermark_key: str = "",
    note: Mapping[Place, Any] = _NO_NOTE,
    count_tokens: bool = False,
) -> bytes:
    """The body to forward; the one that came where nothing is to be changed.

    `most_output` is what all answers together may be long, in tokens; `watermark_key` goes with it (guard/marks.py); `note` is
    what makes its system prompt longer (guard/noted.py). With `count_tokens` an OpenAI stream is asked to end with its usage
    (`usage_added` says whether it was).
    """
    body = asked.body
    if body is None:
        return asked.raw
    changes: dict[Place, Any] = dict(cleaned.changes.items())
    if decision.drop_logprobs or decision.reasoning:  # they spell out the reasoning that they are of
        changes.update(_without_logprobs(body))
    if decision.most_answers:
        changes.update(_fewer_answers(body, decision.most_answers))
    if most_output is not None and asked.endpoint in _LIMIT:
        changes.update(_shorter(asked, max(most_output // _answers(asked, changes), 1)))
    if watermark_key:
        changes[("watermark",)] = {"key": watermark_key}
    if count_tokens and usage_added(asked):
        changes.update(_counted(body))
    changes.update(note)
    changes = {path: value for path, value in changes.items() if _differs(body, path, value)}
    if not changes:
        return asked.raw
    if all(len(path) == 1 and path[0] not in body for path in changes):
        return added(asked.raw, {str(path[0]): value for path, value in changes.items()})
    return changed(asked.raw, changes)


def usage_added(asked: Asked) -> bool:
    """Whether the tokens of an answer are only told when the request asks for it, and the client's does not."""
    streamed = asked.api == OPENAI and asked.endpoint in ("chat", "completions") and asked.facts.get("request.stream")
    return bool(streamed) and not asked.wants_usage


def _without_logprobs(body: dict[str, Any]) -> dict[Place, Any]:
    names = ("logprobs", "top_logprobs", "prompt_logprobs")
    changes: dict[Place, Any] = {
        (*inside, name): GONE for inside, nest in _nests(body) for name in names if name in nest
    }
    include = body.get("include")
    if isinstance(include, list) and LOGPROBS_INCLUDED in include:
        changes[("include",)] = [
            one for one in include if isinstance(one, str) and one.isascii() and one != LOGPROBS_INCLUDED
        ]
    return changes


def _fewer_answers(body: dict[str, Any], most: int) -> dict[Place, Any]:
    return {
        (*inside, name): most
        for inside, nest in _nests(body)
        for name in ("n", "best_of")
        if (whole(nest.get(name)) or 0) > most
    }


def _shorter(asked: Asked, most: int) -> dict[Place, Any]:
    """The limit of an answer lowered, under all names that it has, or set under the one that it should have."""
    body: dict[str, Any] = asked.body or {}
    said = [name for name in LIMITS if body.get(name) is not None]
    changes: dict[Place, Any] = {}
    if not said:
        changes[(_LIMIT[asked.endpoint],)] = asked.most_answered(most)
    for name in said:
        now = whole(body.get(name))
        if now is None or now > most:
            changes[(name,)] = most
    if (whole(body.get("min_tokens")) or 0) > most:  # vLLM, SGLang: refused when above the limit
        changes[("min_tokens",)] = most
    if asked.endpoint == "messages" and (whole(at(body, "thinking", "budget_tokens")) or 0) >= most:
        if most > _LEAST_THINKING:
            changes["thinking", "budget_tokens"] = most - 1
        else:
            changes[("thinking",)] = {"type": "disabled"}
    return changes


def _answers(asked: Asked, changes: Mapping[Place, Any]) -> int:
    """How many there will be of the body as it is changed."""
    counts = {name: changes[(name,)] for name in ("n", "best_of") if (name,) in changes}
    return replace(asked, body={**(asked.body or {}), **counts}).answers if counts else asked.answers


def _counted(body: dict[str, Any]) -> dict[Place, Any]:
    options = body.get("stream_options")
    if not isinstance(options, dict):
        return {("stream_options",): {"include_usage": True}}
    return {("stream_options", "include_usage"): True, ("stream_options", "continuous_usage_stats"): GONE}


def _nests(body: dict[str, Any]) -> list[tuple[Path, dict[str, Any]]]:
    """The body and the objects in it in which engines read fields as well."""
    found: list[tuple[Path, dict[str, Any]]] = [((), body)]
    for inside, nest in found:  # grows while it is read
        if len(inside) < DEEPEST:  # hygiene takes deeper ones out whole
            found.extend(((*inside, name), one) for name in NESTS if isinstance(one := nest.get(name), dict))
    return found


def _differs(body: dict[str, Any], path: Place, value: Any) -> bool:
    """Whether a change is one: what is to be taken out is there."""
    around = at(body, *path[:-1])
    if not isinstance(around, dict):
        return False
    return path[-1] in around if value is GONE else True
