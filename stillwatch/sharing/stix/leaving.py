"""Chosen values as they leave: hashed, with names taken out, or as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stillwatch.config import Sharing
from stillwatch.evidence import Campaign
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.sharing import keys as hashing
from stillwatch.sharing.stix import patterns, words
from stillwatch.sharing.stix.held import Held
from stillwatch.sharing.stix.indicators import Leaving
from stillwatch.sharing.stix.shown import Result, Value

SKELETON = "template_skeleton"


def leaving(
    values: Sequence[Value], one: Campaign, keys: Pseudonyms, epoch: str, settings: Sharing, shown: Result
) -> tuple[list[Leaving], list[Held]]:
    """In the order of the values; and what of them stays."""
    skeletons = {used.template_id: used.skeleton for used in one.templates}
    sketches = shown.templates()
    named = shown.identifiers(part for text in skeletons.values() for part in words.parts(text))
    going: list[Leaving] = []
    held: list[Held] = []
    for value in values:
        if value.kind.name == "template":
            skeleton = skeletons.get(value.value, "")
            going += _template(value, skeleton, sketches.get(value.value), settings, named)
            held += _held(skeleton, settings, named)
        elif value.kind.hashed:
            token = hashing.written(epoch, keys.token(value.kind.name, value.value))
            extra = {"epoch": epoch, "hash": "HMAC-SHA256 under the partner's key, 72 bits"}
            going.append(
                Leaving(value, value.kind.name, value.kind.pattern(token), f"{value.kind.says}, hashed", extra)
            )
        else:
            going.append(Leaving(value, value.kind.name, value.kind.pattern(value.value), value.kind.says))
    return going, held


def _template(
    value: Value, skeleton: str, sketch: dict[str, Any] | None, settings: Sharing, named: set[str]
) -> Iterator[Leaving]:
    """Its id, with fingerprints if its words name nobody; and its words."""
    text, names = words.told(skeleton, settings.skeleton_characters)
    clean = not words.parts(skeleton) & named
    bare = bool(skeleton) and clean and names == 0
    extra = {"fingerprints": sketch["shingles"], "field": sketch["field"]} if sketch and bare else {}
    yield Leaving(value, "template", value.kind.pattern(value.value), value.kind.says, extra)
    if clean and words.says_something(text):
        yield Leaving(value, SKELETON, patterns.own(SKELETON, text), "the words that a prompt template's prompts share")


def _held(skeleton: str, settings: Sharing, named: set[str]) -> Iterator[Held]:
    text, names = words.told(skeleton, settings.skeleton_characters)
    what = "the words of a template"
    if not skeleton:
        yield Held(what, 1, "the result shows the words of its most used templates alone")
    elif words.parts(skeleton) & named:
        yield Held(what, 1, "they hold an identifier of an account or an organisation")
    elif not words.says_something(text):
        yield Held(what, 1, f"fewer than {words.LEAST_WORDS} words that all its prompts share")
    elif names:
        yield Held(
            "addresses, numbers and keys in the words of templates",
            names,
            "they became slots; fingerprints of such words stay",
        )
