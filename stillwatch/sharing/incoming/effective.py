"""What is believed of each value at an instant: claims of one origin are one witness, doubts lower, a person's word decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

from stillwatch.sharing.incoming.claims import Claim, Claims
from stillwatch.sharing.incoming.store import Decision

LEAST = 0.005  # belief below which a value is no evidence: half a point of the 100 that STIX has


@dataclass(frozen=True)
class Witness:
    """What one origin says of a value: its surest claim, and all who told us of it."""

    origin: str
    claim: Claim
    tellers: tuple[str, ...]  # names of sources
    believed: float  # 0..1, before doubts


@dataclass(frozen=True)
class Believed:
    """One value."""

    kind: str
    value: str
    witnesses: tuple[Witness, ...]  # that call it malicious, surest first
    doubts: tuple[tuple[str, float], ...]  # who speaks against it and how much that takes, 0..1
    doubt: float  # of all of them
    decision: Decision | None
    echoes: int  # claims that came back to us: they count for nothing

    @property
    def conflict(self) -> bool:
        """Some speak for it and some against it, and nobody has decided."""
        return bool(self.witnesses) and bool(self.doubts) and self.decision is None

    @property
    def left(self) -> float:
        """What doubts leave of a belief."""
        if self.decision is not None:
            return 0.0 if self.decision.said == "benign" else 1.0
        return 1.0 - self.doubt

    @property
    def belief(self) -> float:
        """That it is what they say, 0..1: no more than independent witnesses give."""
        return self.left * (1.0 - prod(1.0 - one.believed for one in self.witnesses))


def believed(
    found: Claims,
    decisions: Mapping[tuple[str, str], Decision],
    sent: Mapping[tuple[str, str], float],
    now: float,
) -> list[Believed]:
    """Every value of which something is said at an instant. `sent`: values that we shared, and since when.

    What others say of a value only after we shared it may be our own word come back, so it is no witness.
    """
    of_value: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in found.claims:
        if claim.begins <= now < claim.ends:
            of_value[claim.kind, claim.value].append(claim)
    return [_value(key, of_value[key], found, decisions.get(key), sent.get(key), now) for key in sorted(of_value)]


def _value(
    key: tuple[str, str], said: list[Claim], found: Claims, decision: Decision | None, shared: float | None, now: float
) -> Believed:
    echoes = [claim for claim in said if shared is not None and not claim.benign and claim.asserted >= shared]
    heard = [claim for claim in said if claim not in echoes]
    against: dict[str, tuple[str, float]] = {}
    for claim in heard:
        if claim.benign:
            _most(against, claim.origin, f"benign, says {claim.source.name}", claim.believed(now))
        for doubt in found.doubts.get(claim.id, ()):
            _most(against, doubt.origin, f"{doubt.why} {doubt.source.name}", doubt.weight)
    doubts = tuple(sorted((one for one in against.values() if one[1] > 0.0), key=lambda one: (-one[1], one[0])))
    return Believed(
        *key, _witnesses((claim for claim in heard if not claim.benign), now), doubts,
        1.0 - prod(1.0 - weight for _, weight in doubts), decision, len(echoes),
    )  # fmt: skip


def _most(against: dict[str, tuple[str, float]], origin: str, who: str, weight: float) -> None:
    if weight > against.get(origin, ("", 0.0))[1]:
        against[origin] = who, weight


def _witnesses(said: Iterable[Claim], now: float) -> tuple[Witness, ...]:
    """One of each origin, and of each source one: who passes on ten others may have made them up."""
    by_origin: dict[str, list[Claim]] = defaultdict(list)
    for claim in said:
        by_origin[claim.origin].append(claim)

    def sure(claim: Claim) -> tuple[float, str, str]:
        return claim.believed(now), claim.source.key, claim.id

    made: list[Witness] = []
    heard: set[str] = set()
    for origin in sorted(by_origin, key=lambda one: (-max(map(sure, by_origin[one]))[0], one)):
        others = [one for one in by_origin[origin] if one.source.key not in heard]
        if others:
            surest = max(others, key=sure)
            heard.add(surest.source.key)
            tellers = tuple(sorted({one.source.name for one in by_origin[origin]}))
            made.append(Witness(origin, surest, tellers, surest.believed(now)))
    return tuple(made)
