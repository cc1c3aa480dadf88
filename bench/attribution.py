"""How often attribution is right, how often an unknown actor is named, and from when on timing says anything, on made worlds.

    python -m bench.attribution [--develop] [--worlds N] [--timing]

A world has eight actors in its library and as many that are not, two proxy networks with tenants of both kinds, and campaigns
of all of them, of resellers and of honest developers. Values are drawn from pools and lost to bans; lists are old, partly wrong
and graded by people who err; a third of the unknown actors plant values of a known one, and partners are fooled by that. None
of these shares is one that `stated.py` states. Developed on seeds 260 to 262 (--develop); what is told is of 344 and 345.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from bench.attribution_world import Case, activity, calendar, cases
from stillwatch.sharing.attribution import timing
from stillwatch.sharing.attribution.assessment import assess
from stillwatch.sharing.attribution.hypotheses import UNKNOWN
from stillwatch.sharing.attribution.words import LIKELY, VERY_LIKELY, WORDS, bounded

DEVELOPED, REPORTED = (260, 261, 262), (344, 345)
WORLDS = 12  # for each seed, with some 40 campaigns each
SERIES = 200  # made series a cell of the table of timing
LEVEL = 0.05


@dataclass(frozen=True)
class Told:
    """What was said of one case."""

    case: Case
    likelihood: dict[str, float]
    confidence: str
    most_matched: str  # by the simple baseline: whose indicators are matched most often; none, where there are none
    most_rare: (
        str  # the same of values that at most one in a thousand outside shows, two at least and more than anybody's
    )

    def actor(self) -> tuple[str, float]:
        """The likeliest actor."""
        known = {name: self.likelihood[name] for name in self.case.actors}
        first = max(known, key=lambda name: known[name])
        return first, known[first]


def judged(seeds: tuple[int, ...], worlds: int) -> Iterator[Told]:
    """All cases of these seeds."""
    for seed in seeds:
        random = np.random.default_rng(seed)
        for number in range(worlds):
            for case in cases(random, number):
                made = assess(case.seen, case.library, seed)
                likelihood = {name: bounded(value) for name, value in made.weighed.likelihood.items()}
                yield Told(case, likelihood, made.confidence, _most_matched(case), _most_matched(case, 0.001, 2))


def _most_matched(case: Case, outside: float = 1.0, fewest: int = 1) -> str:
    rare = outside * case.seen.others
    shown = {(one.type, one.value) for one in case.seen.shown if one.inside and one.outside <= rare}
    hits = Counter({
        actor.id: sum((one.type, one.value) in shown for one in actor.indicators) for actor in case.library.actors
    })  # fmt: skip
    (name, most), (_, second), *_ = sorted(hits.items(), key=lambda one: (-one[1], one[0]))
    return name if most >= fewest and (fewest == 1 or most > second) else ""


def report(told: list[Told]) -> None:
    """Tables of one set of seeds."""
    kinds = Counter(one.case.kind for one in told)
    print(f"{len(told):,} campaigns: " + ", ".join(f"{many:,} {kind}" for kind, many in sorted(kinds.items())))
    print("\nevery hypothesis of every campaign, by the word that was used: said, right, mean estimate")
    pairs = [(one.likelihood[name], name == one.case.truth) for one in told for name in one.likelihood]
    for word in WORDS:
        within = [(p, right) for p, right in pairs if word.low <= p < word.high or (p == word.high == WORDS[-1].high)]
        if within:
            right, mean = np.mean([r for _, r in within]), np.mean([p for p, _ in within])
            print(
                f"  {word.term:20} {word.low:4.0%}-{word.high:4.0%}  {len(within):6,}  {right:6.1%} right  mean {mean:6.1%}"
            )
    brier = np.mean([sum((p - (name == one.case.truth)) ** 2 for name, p in one.likelihood.items()) for one in told])
    prior = np.mean([_brier_of_priors(one) for one in told])
    print(f"  Brier score, all hypotheses of a campaign: {brier:.3f}; of what is stated beforehand alone: {prior:.3f}")
    print("\nactors alone, at 'likely' or above: said, right")
    for low, high in ((LIKELY, VERY_LIKELY), (VERY_LIKELY, 1.0), (LIKELY, 1.0)):
        said = [one for one in told if low <= one.actor()[1] < high]
        print(f"  {low:.2f}-{high:.2f}  {len(said):5,}  {_share(one.actor()[0] == one.case.truth for one in said)}")
    print("\nnamed (an actor at 'likely' or above), wrongly named, and by whose indicators are matched most")
    for kind in sorted(kinds):
        of = [one for one in told if one.case.kind == kind]
        known = kind.startswith("known")
        named = [one.actor()[1] >= LIKELY for one in of]
        wrong = [one.actor()[1] >= LIKELY and one.actor()[0] != one.case.truth for one in of]
        very = [one.actor()[1] >= VERY_LIKELY and one.actor()[0] != one.case.truth for one in of]
        simple, rare = (
            f"wrong {_share(bool(by) and by != one.case.truth for one, by in pairs)}"
            + (f" right {_share(by == one.case.truth for one, by in pairs)}" if known else "")
            for pairs in ([(one, one.most_matched) for one in of], [(one, one.most_rare) for one in of])
        )
        print(
            f"  {kind:22} {len(of):5,}  named {_share(named)}  wrongly {_share(wrong)}  very likely and wrong "
            f"{sum(very)}  | most matched {simple} | most rare ones {rare}"
        )
    for kind in ("unknown", "unknown, plants", "unknown, buys cards"):
        of = [one for one in told if one.case.kind == kind]
        first = sum(max(one.likelihood, key=lambda name: one.likelihood[name]) == UNKNOWN for one in of)
        print(f"  of {kind}: the unknown actor comes first in {first} of {len(of)}")
    print("\nconfidence, where an actor is at 'likely' or above: said, right")
    for level in ("low", "moderate", "high"):
        said = [one for one in told if one.confidence == level and one.actor()[1] >= LIKELY]
        print(f"  {level:9} {len(said):5,}  {_share(one.actor()[0] == one.case.truth for one in said)}")


def _brier_of_priors(one: Told) -> float:
    actors = len(one.case.actors)
    prior = dict.fromkeys(one.likelihood, 0.95 * 0.25 / actors) | {
        "network": 0.95 * 0.25, "unknown": 0.95 * 0.5, "honest": 0.05,
    }  # fmt: skip
    return float(sum((p - (name == one.case.truth)) ** 2 for name, p in prior.items()))


def _share(truths: object) -> str:
    values = [bool(one) for one in truths]  # type: ignore[attr-defined]
    return f"{sum(values) / len(values):6.1%}" if values else "   none"


def timed(seeds: tuple[int, ...], series: int) -> None:
    """From when on timing says anything: made campaigns that stop before their actor's releases, and ones that do not."""
    print(
        f"\ntiming: share of made series with p <= {LEVEL} ({series} a cell, one actor tried), by days seen and releases"
    )
    print(
        "  lead of each release 10 days off by up to 2, and by up to 10; and of actors that had nothing to do with it"
    )
    for days, many in ((90, 4), (180, 4), (270, 4), (270, 6), (365, 6), (365, 8), (540, 8)):
        cells = []
        for spread, follows in ((2, True), (10, True), (2, False)):
            found = []
            for seed in seeds:
                random = np.random.default_rng([seed, days, many, spread, follows])
                for _ in range(series // len(seeds)):
                    begins = date(2026, 1, 5)
                    releases = calendar(random, begins, days, many)
                    provider = tuple(begins + timedelta(days=int(one)) for one in random.integers(0, days, 3))
                    followed = releases if follows else calendar(random, begins, days, many)
                    made = activity(random, begins, days, followed, provider, lead=10, spread=spread)
                    fit = timing.fits(made, {"one": releases}, seed)["one"]
                    found.append(fit.p_value is not None and fit.p_value <= LEVEL)
            cells.append(_share(found))
        print(f"  {days:4} days, {many} releases   {cells[0]}  {cells[1]}  {cells[2]}")


if __name__ == "__main__":
    words = sys.argv[1:]
    chosen = DEVELOPED if "--develop" in words else REPORTED
    made_worlds = int(words[words.index("--worlds") + 1]) if "--worlds" in words else WORLDS
    print(f"seeds {', '.join(map(str, chosen))}, {made_worlds} worlds each")
    report(list(judged(chosen, made_worlds)))
    if "--timing" in words:
        timed(chosen, SERIES)
