"""Texts to be tried for a mark, from JSON lines: one at a time, and what cannot be used is set aside and counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import NothingToRead
from stillwatch.safeguards.watermark.gumbel import Text

Tokenize = Callable[[str], list[int]]
_MOST_TOKEN = (1 << 32) - 1  # that the engines hash


@dataclass
class Aside:
    """Rows that were not used."""

    why: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)  # the line of the first, by why

    def add(self, why: str, line: int) -> None:
        """One more."""
        self.why[why] += 1
        self.first.setdefault(why, line)


class _Unusable(Exception):
    pass


def texts(path: Path, tokenize: Tokenize | None, aside: Aside) -> Iterator[tuple[str, Text]]:
    """Each text under its id or, without one, the number of its line."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    yield _text(line, number, tokenize)
                except _Unusable as problem:
                    aside.add(str(problem), number)
    except OSError as problem:
        raise NothingToRead(
            f"the texts cannot be read: {problem.strerror}", str(path), "a file of JSON lines"
        ) from None


def _text(line: bytes, number: int, tokenize: Tokenize | None) -> tuple[str, Text]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _Unusable("not JSON") from None
    if not isinstance(row, dict):
        raise _Unusable("not an object")
    tokens = _tokens(row, "tokens", "text", tokenize)
    if tokens is None:
        raise _Unusable("neither tokens nor text")
    prompt = _tokens(row, "prompt_tokens", "prompt", tokenize) or []
    return str(row.get("id", number)), Text(tokens, prompt, _entropies(row.get("entropies"), len(tokens)))


def _tokens(row: dict[str, Any], tokens: str, text: str, tokenize: Tokenize | None) -> list[int] | None:
    if (found := row.get(tokens)) is not None:
        if not isinstance(found, list) or not all(type(one) is int and 0 <= one <= _MOST_TOKEN for one in found):
            raise _Unusable(f"{tokens} is not a list of token numbers")
        return found
    if (words := row.get(text)) is None:
        return None
    if not isinstance(words, str):
        raise _Unusable(f"{text} is not a text")
    if tokenize is None:
        raise _Unusable(f"{text} without {tokens}, and no --tokenizer to make them with")
    return tokenize(words)


def _entropies(given: Any, tokens: int) -> list[float] | None:
    if given is None:
        return None
    if not isinstance(given, list) or len(given) != tokens:
        raise _Unusable("entropies is not a list with one for each token")
    if not all(type(one) in (int, float) and math.isfinite(one) and one >= 0.0 for one in given):
        raise _Unusable("entropies has what is not a number of nats")
    return given
