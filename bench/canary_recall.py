"""How often canaries are recalled by models that never saw them, and how many answers it takes to tell one that did.

    python -m bench.canary_recall [MODELS]

Models are made: each has names of its own, with Zipf's frequencies in an order of its own, and one that learned uses what was
chosen in a share of its answers to some slots. What they cannot tell is how much a student learns; that is for the laboratory.
"""

from __future__ import annotations

import math
import sys
import time

import numpy as np
import numpy.typing as npt

from stillwatch.safeguards.canaries.choice import chosen
from stillwatch.safeguards.canaries.recall import Counted, Fit
from stillwatch.safeguards.canaries.slots import Slot, load

SLOTS = load()
CHANCE = np.random.default_rng(29)
PHRASES = ("summary", "list", "signoff")  # slots whose alternatives every model uses
USUAL = {True: 0.8, False: 0.1}  # share of answers with any alternative, of phrases and of names
SLOPE = 1.2  # of Zipf's frequencies among them: the most usual is in a quarter
LEVELS = (0.05, 0.01, 1e-3, 1e-4)
LEARNED, SHARES, ANSWERS = (len(SLOTS), 5, 3), (0.02, 0.05, 0.1, 0.3), (50, 100, 400)
ONE_KEY, MANY_KEYS = 1e-3, 1e-6  # the level of 0.001 for one key, and for a thousand of them


def likings(slot: Slot) -> npt.NDArray[np.float64]:
    """How often a model that learned nothing uses each alternative."""
    shares = 1 / np.arange(1, len(slot.alternatives) + 1) ** SLOPE
    return CHANCE.permutation(shares / shares.sum() * USUAL[slot.id in PHRASES])


def counts(usual: dict[str, npt.NDArray[np.float64]], answers: int, learned: dict[str, int], share: float) -> Counted:
    """Answers of a model, that uses in a share of them, of some slots, the alternative of this place."""
    uses = {}
    for slot in SLOTS:
        chances = usual[slot.id].copy()
        if slot.id in learned:
            chances *= 1 - share
            chances[learned[slot.id]] += share
        uses[slot.id] = CHANCE.multinomial(answers, [*chances, 1 - chances.sum()])[:-1].tolist()
    return Counted({slot.id: answers for slot in SLOTS}, uses)


def drawn_key() -> str:
    """A key that nobody has."""
    return CHANCE.bytes(8).hex()


def false_alarms(models: int, keys: int = 1_000) -> None:
    """Models that learned nothing, each by many keys."""
    began, found = time.perf_counter(), []
    for number in range(models):
        usual = {slot.id: likings(slot) for slot in SLOTS}
        control = counts(usual, 100, {}, 0.0) if number % 2 else None
        fit = Fit(counts(usual, 100, {}, 0.0), SLOTS, control)
        found += [fit.of(drawn_key()).p for _ in range(keys)]
    took = (time.perf_counter() - began) / models
    print(f"{len(found):,} keys, {models} models that saw nothing, every second with a control; {took:.2f} s a model")
    for level in LEVELS:
        print(f"  p <= {level:g}: {sum(one <= level for one in found):,} (at most {level * len(found):g} expected)")


def power(models: int) -> None:
    """Models that learned, alone and beside one that did not."""
    print(f"{models} models a cell: median log10 p, share p <= {ONE_KEY:g}, share p <= {MANY_KEYS:g}; alone | control")
    for many in LEARNED:
        for share in SHARES:
            cells = []
            for answers in ANSWERS:
                found = np.array([_once(many, share, answers) for _ in range(models)])
                told = [
                    f"{np.median(ps):.1f} {np.mean(ps <= math.log10(ONE_KEY)):.0%} "
                    f"{np.mean(ps <= math.log10(MANY_KEYS)):.0%}"
                    for ps in found.T
                ]
                cells.append(f"{answers}: " + " | ".join(told))
            print(f"  {many} slots, {share:.0%} of answers  " + "   ".join(cells))


def _once(many: int, share: float, answers: int) -> list[float]:
    usual, key = {slot.id: likings(slot) for slot in SLOTS}, drawn_key()
    choice = chosen(key, SLOTS)
    places = {slot.id: slot.alternatives.index(choice[slot.id]) for slot in SLOTS}
    learned = {name: places[name] for name in CHANCE.choice([*places], many, replace=False).tolist()}
    suspect, control = counts(usual, answers, learned, share), counts(usual, answers, {}, 0.0)
    return [Fit(suspect, SLOTS, beside).of(key).log_p / math.log(10) for beside in (None, control)]


if __name__ == "__main__":
    made = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    false_alarms(5 * made)
    power(made)
