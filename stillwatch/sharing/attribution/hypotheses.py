"""Competing explanations of one campaign, and how far each piece of evidence tells them apart.

Analysis of competing hypotheses (Heuer, Psychology of Intelligence Analysis, 1999, chapter 8), with numbers: each piece says
how likely it is under every hypothesis, in bits against the hypothesis of an unknown actor. A piece that all explain as well
counts nothing. What one source says several times, and what can be planted, counts up to a bound (stated.py).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stillwatch.sharing.attribution.stated import IDENTITY, PLANTABLE, Stated

NETWORK, UNKNOWN, HONEST = "network", "unknown", "honest"
_TELLING = 0.05  # bits, below which a piece tells nothing apart


@dataclass(frozen=True)
class Piece:
    """One piece of evidence. Bits of a hypothesis that is not named are 0: as likely as under an unknown actor."""

    code: str
    family: str  # of stated.FAMILIES
    text: str
    bits: Mapping[str, float]
    source: str = ""  # who says so; pieces of one family and source lean on each other
    right: float = 1.0  # chance that the source is right
    counted: Mapping[str, float] | None = None  # bits that entered the sum; None before it was drawn

    def telling(self, among: Sequence[str]) -> float:
        """How far it tells the likeliest from the least likely of these apart, bits."""
        counted = self.bits if self.counted is None else self.counted
        values = [counted.get(name, 0.0) for name in among]
        return max(values) - min(values)


@dataclass(frozen=True)
class Weighed:
    """Hypotheses with their likelihoods, and the pieces as they were counted."""

    prior: Mapping[str, float]
    bits: Mapping[str, float]
    likelihood: Mapping[str, float]  # adds up to 1
    pieces: tuple[Piece, ...]

    @property
    def first(self) -> str:
        """The likeliest hypothesis."""
        return max(self.likelihood, key=lambda name: (self.likelihood[name], name))


def priors(actors: Sequence[str], confidence: float, stated: Stated) -> dict[str, float]:
    """What is stated before anything is seen."""
    each, network, unknown, honest = stated.prior(len(actors), confidence)
    return {**dict.fromkeys(actors, each), NETWORK: network, UNKNOWN: unknown, HONEST: honest}


def weighed(prior: Mapping[str, float], pieces: Sequence[Piece], stated: Stated) -> Weighed:
    """All pieces together."""
    names = list(prior)
    counted = _counted([piece for piece in pieces if piece.telling(names) >= _TELLING], names, stated)
    bits = {name: sum((one.counted or {}).get(name, 0.0) for one in counted) for name in names}
    logs = {name: math.log2(prior[name]) + bits[name] for name in names if prior[name] > 0}
    most = max(logs.values())
    odds = {name: 2.0 ** (value - most) for name, value in logs.items()}
    whole = sum(odds.values())
    return Weighed(
        prior,
        bits,
        {name: odds.get(name, 0.0) / whole for name in names},
        tuple(sorted(counted, key=lambda one: (-one.telling(names), one.code, one.text))),
    )


def without(found: Weighed, code: str, stated: Stated) -> Weighed:
    """The same if the pieces of that code had not been seen, or were false."""
    return weighed(found.prior, [replace(one, counted=None) for one in found.pieces if one.code != code], stated)


def _counted(pieces: Sequence[Piece], names: Sequence[str], stated: Stated) -> list[Piece]:
    """Each with what it counts: less where its source spoke before, and within the bounds of its family."""
    by_family: defaultdict[str, list[Piece]] = defaultdict(list)
    for one in _leaning(pieces, names, stated):
        by_family[one.family].append(one)
    bounded = [
        piece for family, several in by_family.items() for piece in _within(several, names, stated.at_most[family])
    ]
    free = plantable(pieces, stated)
    planted = _within([one for one in bounded if one.family in free], names, stated.planted)
    dear = [one for one in bounded if one.family == IDENTITY and IDENTITY not in free]
    rest = [one for one in bounded if one.family not in free and one.family != IDENTITY]
    if not dear:
        return _within([*rest, *planted], names, stated.circumstance)
    return [*rest, *_within([*planted, *dear], names, stated.bought)]


def plantable(pieces: Sequence[Piece], stated: Stated) -> frozenset[str]:
    """Families that could be planted in this campaign: one card or device is bought, several of one hand's are not."""
    held = sum(one.family == IDENTITY and max(one.bits.values(), default=0.0) > 0 for one in pieces)
    return frozenset((*PLANTABLE, *([IDENTITY] if held < stated.costly_values else [])))


def _leaning(pieces: Sequence[Piece], names: Sequence[str], stated: Stated) -> list[Piece]:
    voices: defaultdict[tuple[str, str], list[Piece]] = defaultdict(list)
    for number, one in enumerate(pieces):
        voices[one.family, one.source or f"{number}"].append(one)
    found = []
    for several in voices.values():
        several.sort(key=lambda one: (-replace(one, counted=None).telling(names), one.text))
        for place, one in enumerate(several):
            share = stated.next_of_source**place
            found.append(replace(one, counted={name: share * bits for name, bits in one.bits.items()}))
    return found


def _within(pieces: Sequence[Piece], names: Sequence[str], most: float) -> list[Piece]:
    """The pieces with the bits of each hypothesis drawn together, so that they add up to no more than `most` either way."""
    sums = {name: sum((one.counted or {}).get(name, 0.0) for one in pieces) for name in names}
    share = {name: most / abs(bits) if abs(bits) > most else 1.0 for name, bits in sums.items()}
    return [
        replace(one, counted={name: share.get(name, 1.0) * bits for name, bits in (one.counted or {}).items()})
        for one in pieces
    ]
