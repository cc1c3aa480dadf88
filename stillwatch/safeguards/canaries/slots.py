"""What an answer invents anyway, or says in one of several equal ways: the slots, each with its alternatives and test prompts.

They come with the package (data/canaries.toml, where the rule for them stands). Version and SHA-256 of that file are committed
to with a campaign's key, so that a choice can be worked out again from the key years later.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, permutations
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration

SHIPPED = Path(__file__).parents[2] / "data" / "canaries.toml"
FEWEST, MOST = 16, 64  # alternatives: fewer prove little, of more each is learned from fewer answers
PLAIN = re.compile(
    r"[A-Z][A-Za-z]*(?:,? [A-Za-z]+)*[,:]?"
)  # an alternative: words of a Latin alphabet, no number in it
_TELLS = {"id", "what", "cues", "alternatives", "ask", "about"}
_ALLOWED = "the form of the file that comes with the package"


@dataclass(frozen=True)
class Slot:
    """One thing that is made up, with alternatives of which one is as good as another."""

    id: str
    what: str  # in words, for a model
    alternatives: tuple[str, ...]
    prompts: tuple[str, ...]  # that make a model choose one; no alternative is named in any prompt
    cues: frozenset[str]  # words of a request by which its answer may need one, in lower case


@dataclass(frozen=True)
class Slots:
    """All of them, of one version of the file."""

    version: int
    sha256: str  # of the file
    all: tuple[Slot, ...]

    def __iter__(self) -> Iterator[Slot]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)


def load(path: Path = SHIPPED) -> Slots:
    """The slots of a file: the one that comes with the package, or an older one that was committed to."""
    try:
        data = path.read_bytes()
        document = tomllib.loads(data.decode())
        slots = tuple(_slot(one) for one in document["slots"])
        found = Slots(int(document["version"]), hashlib.sha256(data).hexdigest(), slots)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as problem:
        raise BadConfiguration(f"canaries not readable: {problem}", str(path), _ALLOWED, "docs/canaries.md") from None
    if wrong := _unsound(found):
        raise BadConfiguration(wrong, str(path), _ALLOWED, "docs/canaries.md")
    return found


def _slot(one: dict[str, Any]) -> Slot:
    if one.keys() != _TELLS:
        raise ValueError(f"a slot with {', '.join(sorted(one))}")
    ask, about = one["ask"], one["about"]
    prompts = (  # in an order in which the first few differ in both
        ask[(place + turn) % len(ask)].format(thing) for turn in range(len(ask)) for place, thing in enumerate(about)
    )
    return Slot(str(one["id"]), str(one["what"]), tuple(one["alternatives"]), tuple(prompts), frozenset(one["cues"]))


def _unsound(slots: Slots) -> str:
    """What is wrong with them, as far as a machine can tell; empty if nothing is."""
    every = [one for slot in slots for one in slot.alternatives]
    if twice := [name for name, times in Counter(slot.id for slot in slots).items() if times > 1]:
        return f"two slots named {twice[0]}"
    for slot in slots:
        if not FEWEST <= len(slot.alternatives) <= MOST:
            return f"{slot.id} has {len(slot.alternatives)} alternatives, not {FEWEST} to {MOST}"
        if not slot.prompts or not slot.cues:
            return f"{slot.id} has no prompt or no cue"
    if odd := [one for one in every if not PLAIN.fullmatch(one)]:
        return f"{odd[0]!r} is not plain words"
    folded = [one.casefold() for one in every]
    if inside := next((pair for pair in permutations(folded, 2) if pair[0] in pair[1]), None):
        return f"{inside[0]!r} is in {inside[1]!r}"
    said = "\n".join(chain.from_iterable(slot.prompts for slot in slots)).casefold()
    if named := [one for one in folded if one in said]:
        return f"{named[0]!r} is named in a prompt"
    return ""
