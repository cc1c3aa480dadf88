"""How much was harvested before a campaign was seen."""

from __future__ import annotations

from stillwatch.benchmark.measures.delay import delay_measures, delays
from stillwatch.benchmark.pooled import added

from .rows import table

# Twenty accounts that send one harvested exchange on each of days 1 to 9, the last ten only from day 5 on.
EXCHANGES = table(
    {
        "campaign": ["ring"] * 20 * 9,
        "account_id": [f"a{n}" for n in range(20) for _ in range(9)],
        "day": [float(day) + (0.5 if n < 10 else 4.5) for n in range(20) for day in range(9)],
        "harvested": [day != 8 for _ in range(20) for day in range(9)],
    }
)


def test_seen_when_a_tenth_of_the_accounts_active_by_then_is_accused() -> None:
    steps = [(2.0, frozenset()), (4.0, frozenset({"a0"})), (6.0, frozenset({"a0", "a1"}))]
    (told,) = delays(steps, EXCHANGES).values()
    assert told["detected_days"] == [4.0], "one of the ten that were active"
    assert told["harvested_before"] == 10 * 4 and told["harvested"] == 20 * 8
    (later,) = delays([(2.0, frozenset()), (6.0, frozenset({"a0"}))], EXCHANGES).values()
    assert later["detected_days"] == [None], "one of twenty is too few"
    assert later["harvested_before"] == later["harvested"], "never seen: everything was lost"


def test_accusing_accounts_that_are_not_active_yet_does_not_count() -> None:
    (told,) = delays([(2.0, frozenset({"a15", "a16", "a17"}))], EXCHANGES).values()
    assert told["detected_days"] == [None]


def test_seeds_add_up() -> None:
    one = {"campaigns": delays([(4.0, frozenset({"a0"}))], EXCHANGES), "steps": 1, "problems": []}
    other = {"campaigns": delays([(4.0, frozenset())], EXCHANGES), "steps": 1, "problems": ["late"]}
    told = delay_measures(added(one, other))
    assert told is not None
    ring = told["campaigns"]["ring"]
    assert ring["detected_days"] == [4.0, None] and ring["lost"]["value"] == (40 + 160) / 320
    assert (told["steps"], told["problems"]) == (2, ["late"])
