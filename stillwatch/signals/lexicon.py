"""The phrases that show what a prompt is after, read from data/lexicon/*.toml: one file per language.

A file holds one table per tag; a tag is a name in evidence.CAPABILITIES or evidence.ELICITATIONS:

    [coding]
    innocent = "when an ordinary prompt shows it too"
    "1.0" = ["write a function", "refactor*"]
    "0.5" = ["python"]

The key is the weight; 1.0 is enough for the tag, two of 0.5 are, one of 0.5 is not. A phrase may stand under several
tags. Letters match in either case and without their accents; any run of white space, hyphens and underscores is one
space; any number is one digit; a star at the end allows any ending of the last word.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.evidence import CAPABILITIES, ELICITATIONS
from stillwatch.toml_file import read_toml

TAGS = CAPABILITIES + ELICITATIONS
FOLDER = Path(__file__).parent.parent / "data" / "lexicon"
TOOL_NAMES = "tools"  # the file matched against tool definitions instead of prompts
MAX_PHRASES = 32_767  # a span names its phrase in 16 bits
MAX_PHRASE_BYTES = 200  # a longer one is somebody's sentence, not a way of asking
THREE_BYTES = 0x800  # first code point of three bytes of UTF-8
MAX_WEIGHT = 3.0  # more than this, and one phrase would outvote everything else in the text


@dataclass(frozen=True)
class Phrase:
    text: str
    weights: tuple[tuple[int, float], ...]  # (position in TAGS, weight)
    language: str  # name of the file it came from

    @property
    def elicits(self) -> bool:
        return any(tag >= len(CAPABILITIES) for tag, _ in self.weights)


@dataclass(frozen=True)
class Lexicon:
    phrases: tuple[Phrase, ...]  # the position is the phrase number of a span
    innocent: dict[tuple[str, str], str]  # (language, tag) → when an ordinary prompt shows it too


@cache
def prompts() -> Lexicon:
    """The lexicon for prompts and system prompts: every language together."""
    return read([path for path in sorted(FOLDER.glob("*.toml")) if path.stem != TOOL_NAMES])


@cache
def tool_names() -> Lexicon:
    """The lexicon for tool definitions: what tools of agents and of computer use are called."""
    return read([FOLDER / f"{TOOL_NAMES}.toml"])


def read(paths: list[Path]) -> Lexicon:
    """Phrases of some files, merged: one phrase under several tags or in several files is one phrase."""
    found: dict[tuple[str | int, ...], Phrase] = {}
    innocent: dict[tuple[str, str], str] = {}
    for path in paths:
        for tag, table in _document(path).items():
            where = f"{path}: [{tag}]"
            if tag not in TAGS:
                raise BadConfiguration("no such tag", where, ", ".join(TAGS))
            if not isinstance(table, dict) or not isinstance(table.get("innocent"), str):
                raise BadConfiguration(
                    "a tag without its innocent explanation", where, 'innocent = "when an ordinary prompt shows it"'
                )
            innocent[path.stem, tag] = table["innocent"]
            for key, phrases in table.items():
                if key == "innocent":
                    continue
                for text in _phrases(phrases, f"{where} {key}"):
                    spelled = tuple(spell(text.removesuffix("*")))
                    known = found.get(spelled, Phrase(text, (), path.stem))
                    found[spelled] = _merged(known, text, TAGS.index(tag), _weight(key, where))
    if len(found) > MAX_PHRASES:
        raise BadConfiguration(f"{len(found)} phrases", str(FOLDER), f"at most {MAX_PHRASES}")
    return Lexicon(tuple(found.values()), innocent)


def _merged(phrase: Phrase, text: str, tag: int, weight: float) -> Phrase:
    """A phrase met again: its heavier weight for a tag holds, and of "x" and "x*" the wider."""
    by_tag = dict(phrase.weights)
    by_tag[tag] = max(weight, by_tag.get(tag, 0.0))
    wider = max(phrase.text, text, key=lambda one: one.endswith("*"))
    return replace(phrase, text=wider, weights=tuple(sorted(by_tag.items())))


def _document(path: Path) -> dict[str, Any]:
    return read_toml(path, "lexicon not readable")


def _weight(key: str, where: str) -> float:
    try:
        weight = float(key)
    except ValueError:
        weight = -1.0
    if not 0.0 < weight <= MAX_WEIGHT:
        raise BadConfiguration(f"{key!r} is not a weight", where, f'above 0 and up to {MAX_WEIGHT}, such as "0.5"')
    return weight


def _phrases(phrases: Any, where: str) -> list[str]:
    if not isinstance(phrases, list) or not all(isinstance(one, str) for one in phrases):
        raise BadConfiguration("not a list of phrases", where, '["phrase", "another phrase"]')
    for text in phrases:
        if len(spell(text.removesuffix("*"))) < 2 or len(text.encode()) > MAX_PHRASE_BYTES:  # one letter says nothing
            raise BadConfiguration(f"unusable phrase {text!r}", where, f"2 characters to {MAX_PHRASE_BYTES} bytes")
    return [" ".join(text.split()) for text in phrases]


def fold(character: str) -> str:
    """What a character of at most two UTF-8 bytes counts as."""
    if character.isspace() or character in "-_":
        return " "
    if character.isascii() and character.isdigit():
        return "0"
    lower = character.lower()[0]
    base = unicodedata.normalize("NFD", lower)[0]
    return base if base.isascii() else "е" if lower == "ё" else lower


def spell(text: str) -> list[str | int]:
    """A phrase as symbols: folded characters of at most two bytes, single bytes of longer ones."""
    symbols: list[str | int] = []
    for character in text:
        if ord(character) >= THREE_BYTES:
            symbols += list(character.encode())
        elif (folded := fold(character)) not in (" ", "0") or symbols[-1:] != [folded]:
            symbols.append(folded)
    return symbols
