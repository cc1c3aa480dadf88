"""What was found of a sign-up, as reasons that a person reads: what was seen, what it counts for, who shows it innocently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stillwatch.evidence import Reason
from stillwatch.verification.cells import Cell, Cells
from stillwatch.verification.groups import Group
from stillwatch.verification.kinds import Kind
from stillwatch.verification.learned import Learned
from stillwatch.verification.likelihood import Parts
from stillwatch.verification.lists import Lists
from stillwatch.verification.signs import Sign
from stillwatch.verification.signup import Signup

SAID = 4  # values named: the rest are told together
LEAST = 0.05  # bits, below which nothing is told: it moves odds by less than four in a hundred
_STRANGERS = "a firm, an agency or a class that signed up together, and whose members' addresses do not say so"


def of_signs(signs: Sequence[Sign], bits: Sequence[float], one: Signup, lists: Lists) -> Iterator[Reason]:
    """Signs that a sign-up shows, and what speaks for a customer."""
    for sign, weight in zip(signs, bits, strict=True):
        if weight > 0.0:
            text = sign.says(one, lists) if sign.says else sign.phrase
            yield Reason(sign.code, text or sign.phrase, weight, sign.innocent)
    absent = sum(min(weight, 0.0) for weight in bits)
    text = "signs of fraud at sign-up were looked for and are not there, or customers show what is oftener"
    yield Reason("few_signs", text, absent, "an operator who avoids them looks the same", "innocence")


def of_group(group: Group, shared: Sequence[tuple[Kind, int, float]], counted: Parts, bad: int) -> Iterator[Reason]:
    """One hand behind many strangers, what ties them, and what became of the others."""
    if counted.group > 0.0:
        ties = "; ".join(f"this one {kind.phrase.format(others=others)}" for kind, others, _ in shared[:3])
        text = f"{len(group.members):,} sign-ups by {len(group.parties):,} parties that share what one hand has"
        yield Reason("one_hand", f"{text}: {ties}" if ties else text, counted.group, _STRANGERS)
    if counted.bad_company > 0.0:
        text = f"{bad:,} of {len(group.members) - 1:,} other sign-ups of the same hand turned out bad"
        yield Reason("bad_company", text, counted.bad_company, "a family or an office of which one member was banned")


def of_cells(cells: Cells, found: Sequence[Cell], counted: float) -> Iterator[Reason]:
    """Traits that meet too often."""
    bits = sum(cell.bits for cell in found)
    for cell in found:
        innocent = "customers of one firm, school or shop that the mail address does not show"
        yield Reason("met_too_often", cells.said(cell), counted * cell.bits / bits, innocent)


def of_outcomes(known: Sequence[Learned], counted: float) -> Iterator[Reason]:
    """How others with the same values turned out."""
    total = sum(one.bits for one in known)
    scale = counted / total if total else 0.0  # the limit, shared out
    for one in known[:SAID]:
        if one.bits > 0.0:
            text = f"{one.bad:,} of {one.seen:,} sign-ups of known outcome with {one.phrase} turned out bad"
            yield Reason("outcomes", text, one.bits * scale, "one of the others with the same, who are customers")
    rest = counted - scale * sum(one.bits for one in known[:SAID] if one.bits > 0.0)
    text = "how sign-ups turned out with which it has other values in common"
    yield Reason("other_outcomes", text, rest, "a customer who has them in common with operators by chance")


def sorted_out(reasons: Iterator[Reason]) -> tuple[Reason, ...]:
    """Those worth telling, heaviest first."""
    return tuple(sorted((one for one in reasons if abs(one.weight) >= LEAST), key=lambda one: -one.weight))
