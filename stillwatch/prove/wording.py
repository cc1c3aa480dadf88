"""What a judgement says, in sentences: for whoever has to decide something by it and has read no paper."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stillwatch.prove.judge import Judgement, Model, Tested, least_seen
from stillwatch.prove.lifted import ALL, LEANING, SERVED

LN10 = math.log(10)
_COUNTS = {
    SERVED: "after contexts that it was used in", ALL: "after all contexts", LEANING: "by what it says more often than others",
}  # fmt: skip
_LARGEST_TOLD = 1e15  # "one in": beyond, as a power of ten


def headline(judged: Judgement) -> str:
    """The verdict in one sentence."""
    name = judged.suspect.name
    if judged.verdict == "no evidence":
        return f"No evidence that {name} was trained on the sealed answers."
    if judged.verdict == "inconclusive":
        return f"What {name} says cannot be used: {judged.doubts[0]}."
    strength = "Strong evidence" if judged.verdict == "strong evidence" else "Evidence"
    return f"{strength} that {name} was trained on answers that were drawn with our keys."


def meaning(judged: Judgement) -> str:
    """What the number behind the verdict means, and what it does not."""
    suspect = judged.suspect
    if not suspect.tests:
        return "Nothing could be tested: no answers, or no texts that were drawn with a promised key."
    if judged.verdict == "no evidence":
        return f"{_by_chance(suspect)} {could_be_seen(suspect)} It is no proof that nothing was harvested."
    told = (
        f"Had it had nothing to do with these keys, as good a fit by any of the {len(suspect.tests)} tests would come "
        f"about {odds(suspect.best)}, by chance."
    )
    return f"{told} This says what was learnt, not who harvested it, how much, or with what intent."


def could_be_seen(model: Model) -> str:
    """How much there would have to be, to be seen."""
    factor = least_seen(model)
    if math.isinf(factor):
        return "There was too little text to see anything."
    return f"A mark that lifts scores after served contexts to {factor:.2f} times chance would mostly have been seen."


def odds(log_p: float) -> str:
    """A chance in words."""
    if log_p > -LN10:
        return f"{math.exp(log_p):.0%} of the time"
    one_in = math.exp(-log_p) if -log_p < math.log(_LARGEST_TOLD) else math.inf
    return f"once in {one_in:,.0f} times" if one_in < _LARGEST_TOLD else f"once in 10^{-log_p / LN10:.0f} times"


def tested(one: Tested) -> str:
    """Which test, by which key."""
    if one.recall is not None:
        return f"made-up details of {one.scope.removeprefix('canary/')}"
    assert one.lift is not None, "BUG: a test of nothing"
    key = "the key of all" if one.scope == "all" else f"the key of {one.scope}"
    return f"{key}, {_COUNTS[one.lift.counts]}"


def limits(judged: Judgement) -> Sequence[str]:
    """What weakens this very judgement."""
    told = [f"{one.what}: {one.told}." for one in judged.checks if one.holds is None]
    if not judged.controls:
        told.append("No control model was asked: what a model that is certainly no student shows is not known.")
    if judged.suspect.answers and not judged.suspect.tests:
        told.append("There was no key to test by.")
    return told


def _by_chance(model: Model) -> str:
    if model.best > math.log(0.5):
        return f"None of the {len(model.tests)} tests does better than chance would."
    return f"The best of {len(model.tests)} tests would be as good {odds(model.best)} by chance alone."
