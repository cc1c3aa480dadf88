"""Where a path leads: to an answer that is read and counted, to something unread, past the guard, or nowhere.

OpenAI's and Anthropic's interfaces lie under `/v1/`. Engines answer at other paths too, with probabilities and without a
limit, and administer themselves there. What is not known is therefore not there, unless somebody names it; names are of
vLLM 0.32, whose list of routes was gone through (bench/vllm_guarded.py compares it with this one).
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum, auto

from stillwatch.guard.requests import OTHER, VERSION, api_of


class Way(Enum):
    """What is done with a request to a path."""

    READ = auto()  # a model answers it: read, decided, edited, counted
    CARRIED = auto()  # passed on unread, for whoever may be answered
    FREE = auto()  # for anybody: nothing of a model, and asked by monitors that have no account
    CLOSED = auto()  # as if there were nothing


_FREE = frozenset({
    "/health", "/healthz", "/livez", "/readyz", "/ping", "/metrics", "/version", "/load",
    "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json",
})  # fmt: skip
_CARRIED = ("/tokenize", "/detokenize")
_CLOSED = frozenset({  # under /v1/, and nevertheless closed
    "chat/completions/batch",  # several conversations in one body, each answered
    "systemone",  # the probabilities of labels
    "generate", "abort_requests",  # /inference/v1/…: from tokens to tokens, with all that an engine takes
    "load_lora_adapter", "unload_lora_adapter",  # puts files of the client's choice into the model
})  # fmt: skip
_INSIDES = ("/render", "/derender")  # between halves of an engine; tells the template around a prompt


def way(path: str, passes: Collection[str] = ()) -> Way:
    """Of a path below the app's root. `passes` are others to be carried; one that ends with / is all that lies below."""
    if api_of(path) != OTHER:
        return Way.READ
    plain = path.rstrip("/") or "/"
    if plain in _FREE:
        return Way.FREE
    if plain in passes or plain in _CARRIED or path.startswith(tuple(one for one in passes if one.endswith("/"))):
        return Way.CARRIED
    _, version, name = plain.rpartition(VERSION)
    if not version or name in _CLOSED or name.endswith(_INSIDES):
        return Way.CLOSED
    return Way.CARRIED
