"""Fields that a client must not hand to the engine unchecked, and which of them are stripped, refused or bounded.

vLLM and SGLang read fields beside those of the interfaces that they speak: one switches the watermark off, one is unpickled
and run as code, others give away more than the answer. What is not valid is taken out, so that the engine reads the request
as the guard did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from stillwatch.guard.checked import STRICT
from stillwatch.guard.members import GONE, Path
from stillwatch.guard.requests import Asked
from stillwatch.readers.values import whole

STRIPPED = frozenset({
    "custom_logit_processor",  # SGLang: code, pickled with dill
    "logits_processors",  # vLLM before 0.11: names of functions that it calls
    "chat_template",  # a program in Jinja, and a prompt that no log would have
    "prompt_embeds",  # vLLM: a prompt that nobody can read, loaded with torch
    "kv_transfer_params", "ec_transfer_params",  # vLLM: from which host the work of another engine is fetched
    "vllm_xargs",  # arguments of plugged-in logits processors, the watermark's among them
    "watermark", "watermarking",  # SGLang, vLLM: whether and with which key an answer is marked
    "use_beam_search",  # vLLM does not mark what it finds so
    "logit_bias", "allowed_token_ids",  # with probabilities or without, ways to read a model's last layer out
    "logprob_token_ids",  # vLLM: probabilities of any tokens, however unlikely and however many
    "prompt_logprobs", "return_hidden_states",  # vLLM, SGLang: more of the model than its answer
    "return_prompt_text", "return_token_ids", "enable_response_messages",  # vLLM: what the server put around a prompt
})  # fmt: skip
NESTS = (
    "extra_body",
    "sampling_params",
    "custom_params",
    "chat_template_kwargs",
)  # objects in which clients and engines put such fields as well
DEEPEST = 4  # nests in nests; the engines read one, so that deeper ones are taken out whole

Names = Annotated[frozenset[str], BeforeValidator(lambda value: value if isinstance(value, frozenset) else [*value])]
Bound = Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class Hygiene:
    """What may pass. A field that is neither stripped nor refused does."""

    strip: Names = STRIPPED
    refuse: Names = frozenset()  # the request is not answered; for whoever would rather hear of it
    most_answers: Bound = 128  # n and best_of: as many as OpenAI allows
    most_logprobs: Bound = (
        20  # alternatives to a token: as many as OpenAI allows; vLLM takes -1 for its whole vocabulary
    )
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What hygiene asks for: `edited` (guard/edits.py) does it."""

    changes: Mapping[Path, Any]  # by where it stands in the body: the new value, or GONE
    refused: tuple[str, ...]  # fields that the request may not have

    @property
    def changed(self) -> tuple[str, ...]:
        """What is changed, by name."""
        return tuple(".".join(path) for path in self.changes)


_CLEAN = Cleaned({}, ())


def cleaned(asked: Asked, hygiene: Hygiene) -> Cleaned:
    """What of a body has to be changed before it goes on; mostly nothing."""
    if asked.body is None:
        return _CLEAN
    changes: dict[Path, Any] = {}
    refused: list[str] = []
    _clean(asked.body, (), hygiene, asked.endpoint, changes, refused)
    return Cleaned(changes, tuple(refused)) if changes or refused else _CLEAN


def _clean(
    body: dict[str, Any], inside: Path, hygiene: Hygiene, endpoint: str, changes: dict[Path, Any], refused: list[str]
) -> None:
    for name in body.keys() & hygiene.refuse:
        refused.append(".".join((*inside, name)))
    for name in body.keys() & hygiene.strip:
        changes[*inside, name] = GONE
    for name in ("n", "best_of"):
        if body.get(name) is not None:
            _bound(body[name], (*inside, name), 1, hygiene.most_answers, changes)
    for name in ("logprobs", "top_logprobs"):
        value = body.get(name)
        if value is None or (value is False) or (value is True and name == "logprobs" and endpoint != "completions"):
            continue
        if name == "logprobs" and endpoint == "chat" and not inside:
            changes[*inside, name] = GONE  # true or false there; Pydantic would take "yes" too
        else:
            _bound(value, (*inside, name), 0, hygiene.most_logprobs, changes)
    if endpoint == "completions" and body.get("echo") and body.get("logprobs") is not None:
        changes[*inside, "echo"] = (
            GONE  # the prompt's probabilities by another name; OpenAI's newer models refuse the two
        )
    for name in NESTS:
        nest = body.get(name)
        if isinstance(nest, dict) and len(inside) < DEEPEST:
            if name not in hygiene.strip:
                _clean(nest, (*inside, name), hygiene, endpoint, changes, refused)
        elif isinstance(nest, (dict, list)):
            changes[*inside, name] = GONE


def _bound(value: Any, path: Path, least: int, most: int, changes: dict[Path, Any]) -> None:
    """A whole number between these; a larger one is lowered, anything else is taken out."""
    found = whole(value)
    if found is None or found < least:
        changes[path] = GONE
    elif found > most:
        changes[path] = most
