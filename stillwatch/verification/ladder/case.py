"""A case: what was asked of an account, and what came of it, folded from events in the order of what their vendors say.

Webhooks come late, twice and in any order, so a state is never kept: it is what all events together say. Events of one vendor
and id are one event. Of each step they are taken by their own time; at one instant, the one that ends more comes last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from stillwatch.verification.outcome import STATES, STEPS, Outcome

# At one instant, in this order: what ends a step counts over what begins it, and a pass over a failure.
_ORDER = {name: place for place, name in enumerate(
    ("asked", "started", "pending", "expired", "canceled", "failed", "waived", "passed")
)}  # fmt: skip
assert set(_ORDER) == set(STATES)
PROVIDER = "provider"  # vendor of what the provider says itself


@dataclass(frozen=True, slots=True)
class Opened:
    """What was asked, which never changes afterwards."""

    case: str
    account_id: str
    at: float  # seconds since 1970
    steps: tuple[str, ...]  # any one of them is enough; the choice is the customer's
    until: float  # deadline, seconds since 1970
    pathway: str = "self_serve"
    likelihood: float | None = None  # of the assessment that led to it, 0..1; None where a person asked
    why: str = ""  # for colleagues, never told to the customer
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one step."""

    step: str
    state: str  # of STATES
    at: float  # since when, seconds since 1970
    vendor: str
    session: str
    reason: str
    tries: int  # that failed
    final: bool  # nothing but a correction of the same session, or a person's word, changes it
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Case:
    """A case as all its events say."""

    opened: Opened
    steps: tuple[Step, ...]  # of which there is news, lowest first
    state: str  # of STATES
    at: float  # since when, seconds since 1970
    open: bool  # something is still to be done by the customer

    def standing(self, now: float) -> str:
        """In one word, for rules: the state, `overdue` once the deadline of an open case is over."""
        return "overdue" if self.open and now >= self.opened.until else self.state

    @property
    def passed(self) -> tuple[Step, ...]:
        """Steps that were passed."""
        return tuple(one for one in self.steps if one.state == "passed")


def fold(opened: Opened, events: Iterable[Outcome], most_tries: int) -> Case:
    """The case that these events make, whatever their order and however often each is there."""
    of_step: dict[str, list[Outcome]] = defaultdict(list)
    for one in _each_once(events):
        of_step[one.step].append(one)
    steps = tuple(_step(name, of_step[name], most_tries) for name in STEPS if name in of_step)
    return Case(opened, steps, *_state(opened, steps))


def answers(step: str, asked: tuple[str, ...]) -> bool:
    """Whether a step answers what was asked: one of them, or a higher one."""
    return STEPS.index(step) >= min(map(STEPS.index, asked))


def _each_once(events: Iterable[Outcome]) -> list[Outcome]:
    """In order of time. Should two differ under one id, which no vendor does, the later in this order is left out."""
    found: dict[tuple[str, str], Outcome] = {}
    for one in sorted(events, key=_place):
        found.setdefault((one.vendor, one.event_id), one)
    return list(found.values())


def _place(one: Outcome) -> tuple[object, ...]:
    return one.at, _ORDER[one.state], one.vendor, one.event_id, one.step, one.session, one.reason, one.facts


def _step(name: str, events: list[Outcome], most_tries: int) -> Step:
    told = events[0]
    failed: list[Outcome] = []
    settled: Outcome | None = None  # that passed it, or waived it
    final = False
    for one in events:
        if one.state == "failed":
            if settled is not None and not _corrects(one, settled):
                continue
            final = final or settled is not None  # a pass that is taken back is no try
            settled = None
            failed.append(one)
            final = final or _tries(failed) >= most_tries
        elif one.state in ("passed", "waived"):
            if settled is not None or (final and not _allowed(one, failed)):
                continue
            settled, final = one, False
        elif settled is not None or final:
            continue
        told = one
    return Step(
        name, told.state, told.at, told.vendor, told.session, told.reason, _tries(failed),
        final or settled is not None, told.facts,
    )  # fmt: skip


def _tries(failed: list[Outcome]) -> int:
    """A session that fails and is told of twice is one try."""
    return len({(one.vendor, one.session or one.event_id) for one in failed})


def _corrects(one: Outcome, settled: Outcome) -> bool:
    """A failure after a pass counts where the vendor takes back its own word, or says that it does."""
    return one.vendor == settled.vendor and (one.reason == "revoked" or _same_session(one, settled))


def _allowed(passed: Outcome, failed: list[Outcome]) -> bool:
    """A pass after the last try counts where a person says so, or where the session that failed is corrected."""
    return passed.vendor == PROVIDER or any(_same_session(passed, one) for one in failed)


def _same_session(one: Outcome, other: Outcome) -> bool:
    return bool(one.session) and (one.vendor, one.session) == (other.vendor, other.session)


def _state(opened: Opened, steps: tuple[Step, ...]) -> tuple[str, float, bool]:
    telling = [one for one in steps if answers(one.step, opened.steps) or one.state == "waived"]
    done = [one for one in telling if one.state in ("passed", "waived")]
    if done:
        first = min(done, key=lambda one: (one.at, one.step))
        return first.state, first.at, False
    lost = {one.step: one for one in telling if one.final}
    if all(name in lost for name in opened.steps):
        last = max((lost[name] for name in opened.steps), key=lambda one: (one.at, one.step))
        return "failed", last.at, False
    going = [one for one in telling if not one.final]
    if not going:
        return "asked", opened.at, True
    last = max(going, key=lambda one: (one.at, one.step))
    return last.state, last.at, True
