"""Which step is asked next: the lowest one that answers the doubt, and was not passed, and was not asked just now.

A step answers a doubt when whoever makes accounts by the hundred would have to pay for it anew. Another mailbox is no answer
to a doubt about mail, nor another number to one about a number. A doubt about payment is answered by a payment step: the bank
asks its customer. A programme is answered by its own proof. How far up the ladder follows from the likelihood.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from stillwatch.config import Verification
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.outcome import STEPS

DAY = 86_400.0  # seconds
TOP = ("identity", "organization")  # the customer chooses: whoever has no document to show may have an employer
PROOFS: Mapping[str, tuple[str, ...]] = {  # of programmes: what each is open to in the first place
    "education": ("organization",),  # a login at the institution
    "security_research": TOP,  # many are on their own
    "startup": ("organization",),
    "enterprise": ("organization",),
    "reseller": ("organization",),
    "cloud": ("organization",),
}
_NO_ANSWER = {"mail": {"email"}, "phone": {"phone"}}  # family of a doubt → steps that cost nothing anew
_LEAST = {"payment": "payment"}  # family of a doubt → lowest step that is about the same
_MADE_IN_ROWS = "phone"  # lowest step for one of a batch: mailboxes come in rows as well


@dataclass(frozen=True)
class Rung:
    """What is asked. No steps where there is nothing left to ask, and a person decides."""

    steps: tuple[str, ...]  # any one of them
    why: str  # for colleagues


def doubts(assessment: Assessment, families: Mapping[str, str], settings: Verification) -> frozenset[str]:
    """Families of signs that carry the evidence against a sign-up. A code that is in no family is its first word."""
    bits: dict[str, float] = {}
    for one in assessment.reasons:
        if one.weight > 0:
            family = families.get(one.code) or one.code.split("_")[0].split(".")[0]
            bits[family] = bits.get(family, 0.0) + one.weight
    whole = sum(bits.values())
    return frozenset(family for family, own in bits.items() if own >= settings.doubt_share * whole)


def rung(
    likelihood: float | None,
    doubted: Collection[str],
    pathway: str,
    in_batch: bool,
    passed: Collection[str],
    asked_at: Mapping[str, float],  # of each step, the last time that it was asked, seconds since 1970
    now: float,
    settings: Verification,
) -> Rung:
    """The next step. `likelihood` None: a person asks, and the ladder is climbed from below."""
    if pathway in PROOFS and {"programme", "mail"} & set(doubted):
        return _first([PROOFS[pathway]], passed, asked_at, now, settings, f"the proof that {pathway} is open to")
    least = _least(likelihood, settings)
    for family in doubted:
        least = max(least, STEPS.index(_LEAST.get(family, STEPS[0])))
    if in_batch:
        least = max(least, STEPS.index(_MADE_IN_ROWS))
    no_answer = set().union(*(_NO_ANSWER.get(family, ()) for family in doubted))
    below = [(name,) for name in STEPS[least:] if name not in TOP and name not in no_answer]
    about = f"doubts about {', '.join(sorted(doubted))}" if doubted else "no doubt of its own"
    likely = "asked by a person" if likelihood is None else f"likelihood {likelihood:.2f}"
    return _first([*below, TOP], passed, asked_at, now, settings, f"{likely}, {about}")


def _least(likelihood: float | None, settings: Verification) -> int:
    if likelihood is None:
        return 0
    bands = (settings.phone_likelihood, settings.payment_likelihood, settings.identity_likelihood)
    return sum(likelihood >= one for one in bands)


def _first(
    choices: list[tuple[str, ...]], passed: Collection[str], asked_at: Mapping[str, float], now: float,
    settings: Verification, why: str,
) -> Rung:  # fmt: skip
    highest = max((STEPS.index(one) for one in passed), default=-1)
    for steps in choices:
        if min(map(STEPS.index, steps)) <= highest:
            continue  # passed, or something higher was
        open_ = tuple(name for name in steps if now - asked_at.get(name, float("-inf")) >= settings.again_days * DAY)
        if open_:
            return Rung(open_, why)
    return Rung((), f"{why}: all was passed, or asked within {settings.again_days:g} days; a person decides")


def deadline(steps: tuple[str, ...], at: float, settings: Verification) -> float:
    """Until when one of them is to be shown, seconds since 1970: the longest of their times."""
    return at + DAY * max(getattr(settings, f"{name}_days") for name in steps)
