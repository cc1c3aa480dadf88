"""What a newcomer shares with a candidate, weighed for three sorts of newcomer: who returns, who lives beside, and strangers.

A shared value is an operator's own or a place's (a family's card, a campus exit); its holders tell which: by Laplace's rule of
succession, from those that the candidate counts against those in good standing. Who returns shares what is the operator's; who
lives beside a closed account shares what is a place's, and shares all of it at once, so that a card, a device and a line of one
household together prove no more than the household. A value that several of the candidate's accounts held is hardly a place's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2

from stillwatch.config import Returns
from stillwatch.verification.returning.closed import Candidate, Place
from stillwatch.verification.returning.kinds import BY_NAME, Kind

Held = Mapping[tuple[str, str], Place]  # (kind, value) → who holds it
ALONE = ("identity", "network")  # families of which one value at least is shared with an account that was banned alone


@dataclass(frozen=True)
class Shared:
    """One value that a newcomer shares with a candidate."""

    kind: Kind
    value: str
    own: int  # accounts of the candidate that hold it
    banned: int  # of them
    place: Place
    returns: float  # bits that it gives for one who returns, against a stranger
    beside: float  # the same for one who lives beside a closed account


def candidates(held: Held) -> set[Candidate]:
    """Whom the holders of shared values stand for. A client or a form of mail address is no tie to one single account."""
    return {
        one for (kind, _), place in held.items() for one in place.own if one.campaign or BY_NAME[kind].family in ALONE
    }


def shared(held: Held, candidate: Candidate, accounts: int, settings: Returns) -> list[Shared]:
    """The heaviest value of each kind; families within their limits. `accounts` there are in all."""
    best: dict[str, Shared] = {}
    for (name, value), place in held.items():
        if candidate not in place.own:
            continue
        one = _weighed(BY_NAME[name], value, candidate, place, accounts)
        if name not in best or one.returns > best[name].returns:
            best[name] = one
    if "address" in best:
        best.pop("prefix", None)  # it is that address's
    return _limited(list(best.values()), settings)


def excess(found: Sequence[Shared], timing: float, settings: Returns) -> float:
    """Bits by which those who live beside closed accounts explain all of it, to be taken off.

    `timing` are the bits that the newcomer's begin gives them: who used the closed account as well needs one of their own.
    """
    share = settings.neighbours
    return log2(share * 2.0 ** (timing + sum(one.beside for one in found)) + 1.0 - share)


def _weighed(kind: Kind, value: str, candidate: Candidate, place: Place, accounts: int) -> Shared:
    own, banned = place.own[candidate]
    anybody = min(kind.unrelated + len(place.held) / accounts, 1.0)
    operators = (own + 1) / (own + place.good + 2)
    a_place = (place.good + 1) / (own + place.good)  # one of the candidate's is the neighbour, and says nothing
    returns = operators * max(kind.same_operator, anybody) + (1.0 - operators) * anybody
    beside = a_place * max(kind.neighbours, anybody) + (1.0 - a_place) * anybody
    return Shared(kind, value, own, banned, place, log2(returns / anybody), log2(beside / anybody))


def _limited(found: list[Shared], settings: Returns) -> list[Shared]:
    sums: defaultdict[str, float] = defaultdict(float)
    for one in found:
        sums[one.kind.family] += one.returns
    scale = {family: min(1.0, settings.family_bits(family) / total) if total else 1.0 for family, total in sums.items()}
    return [
        replace(one, returns=one.returns * scale[one.kind.family], beside=one.beside * scale[one.kind.family])
        for one in found
    ]
