"""Whom it would ask for what: a plan that a person reads, bounded by how many honest-looking sign-ups may be troubled.

Of a day's sign-ups that look honest only a share is ever asked, the likeliest first; past it the plan stops there and says so,
since a list or a model that went wrong shows itself by asking many. The share is of the assessments that are handed in: hand
in whole days.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from stillwatch.config import Verification
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.ladder.case import Case, Opened
from stillwatch.verification.ladder.rungs import deadline, doubts, rung

Name = Callable[[str], str]  # of a case, from what it is about: the same for the same question on the same day


@dataclass(frozen=True)
class Asks:
    """What would be asked, and why others would not."""

    cases: tuple[Opened, ...]
    left: tuple[tuple[str, str], ...]  # account and why it is not asked although it is in doubt
    stopped: tuple[str, ...]  # bounds that were reached, in words
    looked_at: int = 0


def asks(
    given: Iterable[Assessment | str],
    history: Callable[[str], Sequence[Case]],
    victims: frozenset[str],
    families: Mapping[str, str],
    name: Name,
    now: float,
    settings: Verification,
) -> Asks:
    """The plan. An account given by its name alone is asked because a person says so: it begins below, and no share bounds it.

    `history` gives the cases of an account, `victims` are never asked for anything.
    """
    looked_at, honest = 0, Counter[str]()
    doubted: list[Assessment] = []
    named: list[Assessment] = []
    for one in given:
        looked_at += 1
        if isinstance(one, str):
            named.append(Assessment(one, now, 1.0, 0.0, True, ()))
            continue
        honest[_day(one.at)] += one.likelihood < settings.honest_likelihood
        if one.asks:
            doubted.append(one)
    bound = _Bound(honest, settings)
    made: dict[str, Opened] = {}
    left: list[tuple[str, str]] = []
    ordered = sorted(doubted, key=lambda one: (-one.likelihood, one.account_id))
    for by_hand, one in [*((True, one) for one in named), *((False, one) for one in ordered)]:
        cases = history(one.account_id)
        looks_honest = one.likelihood < settings.honest_likelihood
        if one.account_id in made:
            continue
        if one.account_id in victims:
            left.append((one.account_id, "a victim, who is helped (stillwatch verify victims)"))
        elif going := next((case for case in cases if case.open), None):
            bound.spent(one, looks_honest)
            left.append((one.account_id, f"was asked already: {going.opened.case}"))
        elif len(made) >= settings.most_asked_a_run or not bound.allows(one, looks_honest):
            left.append((one.account_id, "beyond what may be asked"))
        elif case := _asked(one, cases, doubts(one, families, settings), name, now, settings, by_hand):
            bound.spent(one, looks_honest)
            made[one.account_id] = case
        else:
            left.append((one.account_id, "nothing is left to ask: a person decides"))
    stopped = bound.told()
    if len(doubted) + len(named) > len(made) >= settings.most_asked_a_run:
        stopped += (f"{settings.most_asked_a_run:,} cases are as many as one run opens",)
    return Asks(tuple(made.values()), tuple(left), stopped, looked_at)


def _asked(
    one: Assessment, cases: Sequence[Case], doubted: frozenset[str], name: Name, now: float, settings: Verification,
    by_hand: bool,
) -> Opened | None:  # fmt: skip
    """The case that one account would get; None when nothing is left to ask."""
    passed = set() if one.renews else {step.step for case in cases for step in case.passed}
    asked_at: dict[str, float] = defaultdict(lambda: float("-inf"))
    for case in cases:
        for step in case.opened.steps:
            asked_at[step] = max(asked_at[step], case.opened.at)
    likelihood = None if by_hand else one.likelihood
    found = rung(likelihood, doubted, one.pathway, bool(one.batch), passed, asked_at, now, settings)
    if not found.steps:
        return None
    about = "|".join((one.account_id, *found.steps, _day(now)))
    until = deadline(found.steps, now, settings)
    return Opened(name(about), one.account_id, now, found.steps, until, one.pathway, likelihood, found.why, one.batch)


class _Bound:
    """How many honest-looking sign-ups of each day may be asked."""

    def __init__(self, honest: Counter[str], settings: Verification) -> None:
        self._most = {
            day: max(settings.least_asked_a_day, int(many * settings.most_asked_a_day)) for day, many in honest.items()
        }
        self._honest, self._spent, self._over = honest, Counter[str](), Counter[str]()

    def spent(self, one: Assessment, looks_honest: bool) -> None:
        self._spent[_day(one.at)] += looks_honest

    def allows(self, one: Assessment, looks_honest: bool) -> bool:
        day = _day(one.at)
        if not looks_honest or self._spent[day] < self._most[day]:
            return True
        self._over[day] += 1
        return False

    def told(self) -> tuple[str, ...]:
        return tuple(
            f"{day}: of {self._honest[day]:,} sign-ups that look honest, {self._most[day]:,} may be asked; "
            f"{many:,} more would be. Look at what asks for them before anything else"
            for day, many in sorted(self._over.items())
        )


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
