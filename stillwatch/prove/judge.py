"""From promises, answers and keys to a verdict: never more than the tests say, and "no evidence" where that is so."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from stillwatch.prove.hearing import Hearing, Reference
from stillwatch.prove.lifted import ODD, SERVED, Lift, lifts, unused_keys
from stillwatch.prove.pairs import Counted, Hashes, together
from stillwatch.prove.plan import STRONG, Plan
from stillwatch.prove.promises import Check
from stillwatch.safeguards.canaries.recall import Answers, Recalled, recalled
from stillwatch.safeguards.canaries.slots import Slots
from stillwatch.safeguards.holm import corrected
from stillwatch.safeguards.watermark.keys import MarkKey

Verdict = Literal["no evidence", "evidence", "strong evidence", "inconclusive"]


@dataclass(frozen=True)
class Tested:
    """One test of one model by one key; exactly one of its parts is there."""

    scope: str
    log_p: float
    corrected: float  # natural logarithm, for all tests of this model together
    lift: Lift | None = None
    recall: Recalled | None = None


@dataclass(frozen=True)
class Model:
    """What was found of one model."""

    name: str
    answers: int
    tokens: int
    models: tuple[str, ...]  # as it calls itself
    tests: tuple[Tested, ...] = ()

    @property
    def best(self) -> float:
        """The smallest corrected chance, as its natural logarithm."""
        return min((one.corrected for one in self.tests), default=0.0)


@dataclass(frozen=True)
class Judgement:
    """The whole of it; views are made of this."""

    verdict: Verdict
    doubts: tuple[str, ...]  # why it is not more than it is
    plan: Plan
    checks: tuple[Check, ...]
    suspect: Model
    controls: tuple[Model, ...]
    served: Mapping[str, int] = field(default_factory=dict)  # served, by the commitment to their key


def judge(
    plan: Plan,
    keys: Sequence[MarkKey],
    canaries: Sequence[MarkKey],
    served: Reference | None,
    suspect: tuple[str, Hearing],
    controls: Sequence[tuple[str, Hearing]],
    checks: Sequence[Check],
    slots: Slots | None,
) -> Judgement:
    """Test the suspect and every control in the same way."""
    contexts = served.contexts if served is not None else {}
    unmarked = [served.unmarked] if served is not None else []
    tested = []
    for place, (name, hearing) in enumerate((suspect, *controls)):
        others = [one for at, (_, one) in enumerate(controls, start=1) if at != place]  # nobody chooses one that suits
        like = together([*unmarked, *(one.said for one in others)], plan.window)
        found = _marks(plan, keys, contexts, hearing, like)
        if slots is not None:
            beside = _together(others)
            found += [(one, recalled(hearing.by_slot, one.key, slots, beside)) for one in canaries]
        tested.append(_model(name, hearing, found))
    verdict, doubts = _verdict(plan, tested[0], tested[1:], checks)
    return Judgement(
        verdict, doubts, plan, tuple(checks), tested[0], tuple(tested[1:]), served.answers if served is not None else {}
    )


def _marks(
    plan: Plan, keys: Sequence[MarkKey], contexts: Mapping[str, Hashes], hearing: Hearing, like: Counted
) -> list[Lift | tuple[MarkKey, Recalled]]:
    """Tests by keys of watermarks; beside what others say, where there is anything."""
    known = [(one, contexts[one.commitment]) for one in keys if one.commitment in contexts]
    if not known:
        return []
    unused = unused_keys(plan.sha256.encode())
    others = like if len(like.tokens) else None
    return [*lifts(hearing.said, others, known, plan.scheme, unused, plan.level)]


def _model(name: str, hearing: Hearing, found: Sequence[Lift | tuple[MarkKey, Recalled]]) -> Model:
    log_ps = [one.log_p if isinstance(one, Lift) else one[1].log_p for one in found]
    tests = tuple(
        Tested(one.scope, log_p, held, lift=one)
        if isinstance(one, Lift)
        else Tested(one[0].scope, log_p, held, recall=one[1])
        for one, log_p, held in zip(found, log_ps, corrected(log_ps), strict=True)
    )
    return Model(name, hearing.answered + hearing.found, hearing.said.read, hearing.models, tests)


def _together(controls: Sequence[Hearing]) -> Answers | None:
    """What all of them make up."""
    slots = {slot for one in controls for slot in one.by_slot}
    return {slot: [text for one in controls for text in one.by_slot.get(slot, ())] for slot in slots} or None


def _verdict(
    plan: Plan, suspect: Model, controls: Sequence[Model], checks: Sequence[Check]
) -> tuple[Verdict, tuple[str, ...]]:
    level = math.log(plan.level)
    found_too = [one.name for one in controls if one.best <= level]
    uneven = [
        one.lift for one in suspect.tests if one.lift and one.lift.controls.unevenness_p * len(suspect.tests) < ODD
    ]
    doubts = [f"{one.what}: {one.told}" for one in checks if one.holds is False]
    doubts += [f"{name}, a control, shows the same" for name in found_too]
    doubts += [f"keys that nobody used do not behave as chance does ({one.counts} contexts)" for one in uneven]
    if suspect.best > level:
        return "no evidence", tuple(doubts)
    if doubts:
        return "inconclusive", tuple(doubts)
    return ("strong evidence" if suspect.best <= math.log(STRONG) else "evidence"), ()


def least_seen(model: Model) -> float:
    """From which mean score on the mark would have been found by the better test, nine times in ten."""
    return min((one.lift.seen_from for one in model.tests if one.lift and one.lift.counts == SERVED), default=math.inf)
