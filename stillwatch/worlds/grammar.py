"""Phrase books compiled to arrays, so that millions of prompts can be written without a Python loop.

A phrase book (data/worlds/grammar/*.yaml) maps a name to its alternatives. Inside an alternative:

    @{city}            one of the alternatives of `city`, drawn anew
    @{city.row}        the same one wherever this prompt says `city.row`; `.row.2` is another
    @{city.session}    the same one for a whole conversation; also `.account`, `.item` (a job, a homework question)
                       and `.frame` (what a campaign or product wrote once and sends with every request)
    @{real_x.deck}     not drawn: the alternative whose turn it is
    @{#2-99}           a whole number from 2 to 99, with the same scopes
    5× text            five times as likely as its neighbours
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.errors import BadConfiguration
from stillwatch.worlds import shipped

SCOPES = ("", "row", "session", "account", "item", "frame", "deck")  # position is the seed column that a scope reads
_REFERENCE = re.compile(r"@\{([^{}]+)\}")
_WEIGHT = re.compile(r"^(\d+)× ?")
_NUMBER = re.compile(r"^#(\d+)-(\d+)$")


@dataclass(frozen=True)
class Grammar:
    """Phrases as bytes, alternatives as runs of symbols, names as runs of alternatives."""

    names: dict[str, int]
    text: npt.NDArray[np.uint8]  # all phrases, end to end
    text_at: npt.NDArray[np.int64]  # where each phrase starts; one more at the end
    symbols: npt.NDArray[np.int32]  # >= 0: a phrase; < 0: the name -symbol - 1
    scope: npt.NDArray[np.int8]  # of each symbol
    bind: npt.NDArray[np.int32]  # which binding inside the scope
    body_at: npt.NDArray[np.int64]  # where each alternative's symbols start
    choice_at: npt.NDArray[np.int64]  # where each name's alternatives start
    low: npt.NDArray[np.int64]  # of a number; -1 for other names
    high: npt.NDArray[np.int64]

    def symbol(self, name: str) -> int:
        try:
            return self.names[name]
        except KeyError:
            raise BadConfiguration(
                f"no phrases called {name!r}", "data/worlds/grammar", "a name defined there"
            ) from None

    def choices(self, name: str) -> int:
        """How many alternatives a name has."""
        at = self.symbol(name)
        return int(self.choice_at[at + 1] - self.choice_at[at])


def phrase_books() -> dict[str, list[str]]:
    """All names of the shipped phrase books."""
    books: dict[str, list[str]] = {}
    for path in sorted((shipped.FOLDER / "grammar").glob("*.yaml")):
        for name, choices in shipped.read(f"grammar/{path.name}").items():
            if name in books:
                raise BadConfiguration(f"{name!r} is defined twice", path.name, "one definition a name")
            books[name] = _choices(choices)
    return books


def _choices(value: object) -> list[str]:
    """A list of alternatives, or one text of words between bars: `red | green | blue`."""
    if isinstance(value, str):
        return [one.strip() for one in value.split("|")]
    assert isinstance(value, list), "BUG: a phrase book holds lists and texts only"
    return [str(one) for one in value]


def without_missing(books: Mapping[str, list[str]], given: Iterable[str]) -> dict[str, list[str]]:
    """Leaves out names that need real prompts which were not given."""
    known = set(given)
    needs = {
        name: {r.split(".")[0] for text in choices for r in _REFERENCE.findall(text)} for name, choices in books.items()
    }
    return {n: c for n, c in books.items() if not any(r.startswith("real_") and r not in known for r in needs[n])}


def compile_books(books: Mapping[str, Iterable[str]], verbatim: Mapping[str, list[str]] | None = None) -> Grammar:
    """Compile books; `verbatim` texts are taken letter by letter, whatever they hold."""
    compiler = _Compiler()
    for name in [*books, *(verbatim or {})]:
        compiler.declare(name)
    for name, choices in books.items():
        compiler.fill(name, [(m, compiler.parse(text, name)) for m, text in map(_weighted, choices)])
    for name, texts in (verbatim or {}).items():
        compiler.fill(name, [(1, [(compiler.phrase(text), 0, 0)]) for text in texts])
    return compiler.finish()


def _weighted(text: str) -> tuple[int, str]:
    match = _WEIGHT.match(text)
    return (int(match[1]), text[match.end() :]) if match else (1, text)


class _Compiler:
    """Collects phrases and alternatives until all are known."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.phrases: dict[str, int] = {}
        self.bodies: dict[int, list[list[tuple[int, int, int]]]] = {}
        self.bounds: dict[int, tuple[int, int]] = {}

    def declare(self, name: str) -> int:
        return self.names.setdefault(name, len(self.names))

    def phrase(self, text: str) -> int:
        return self.phrases.setdefault(text, len(self.phrases))

    def fill(self, name: str, weighted: list[tuple[int, list[tuple[int, int, int]]]]) -> None:
        self.bodies[self.names[name]] = [body for times, body in weighted for _ in range(times)]

    def parse(self, text: str, owner: str) -> list[tuple[int, int, int]]:
        body: list[tuple[int, int, int]] = []
        done = 0
        for match in _REFERENCE.finditer(text):
            if match.start() > done:
                body.append((self.phrase(text[done : match.start()]), 0, 0))
            body.append(self._reference(match[1], owner))
            done = match.end()
        if done < len(text):
            body.append((self.phrase(text[done:]), 0, 0))
        return body

    def _reference(self, reference: str, owner: str) -> tuple[int, int, int]:
        name, *tail = reference.split(".")
        scope = SCOPES.index(tail[0]) if tail and tail[0] in SCOPES else 0
        if tail and not scope:
            raise BadConfiguration(f"no scope {tail[0]!r}", f"{owner}: @{{{reference}}}", ", ".join(SCOPES[1:]))
        number = _NUMBER.match(name)
        if number:
            self.bounds[self.declare(name)] = (int(number[1]), int(number[2]))
        elif name not in self.names:
            raise BadConfiguration(f"no phrases called {name!r}", f"{owner}: @{{{reference}}}", "a name defined there")
        return -self.names[name] - 1, scope, int(tail[1]) if len(tail) > 1 else 0

    def finish(self) -> Grammar:
        encoded = [text.encode() for text in self.phrases]
        bodies = [self.bodies.get(number, []) for number in range(len(self.names))]
        flat = [body for choices in bodies for body in choices]
        symbols = [symbol for body in flat for symbol in body]
        bounds = [self.bounds.get(number, (-1, -1)) for number in range(len(self.names))]
        return Grammar(
            names=self.names,
            text=np.frombuffer(b"".join(encoded), np.uint8),
            text_at=_starts([len(one) for one in encoded]),
            symbols=np.array([one[0] for one in symbols], np.int32),
            scope=np.array([one[1] for one in symbols], np.int8),
            bind=np.array([one[2] for one in symbols], np.int32),
            body_at=_starts([len(body) for body in flat]),
            choice_at=_starts([len(choices) for choices in bodies]),
            low=np.array([one[0] for one in bounds], np.int64),
            high=np.array([one[1] for one in bounds], np.int64),
        )


def _starts(lengths: list[int]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
