"""Harvested exchanges found."""

from __future__ import annotations

from stillwatch.benchmark.measures.exchanges import exchange_counts, exchange_measures

from .rows import table

ACCOUNTS = table({"account_id": ["h", "c", "p"], "role": ["harvester", "carrier", None]})
LABELS = table({"exchange_id": ["h1", "h2", "h3", "c1", "c2"], "harvested": [True, True, True, True, False]})
CLAIMS = table(
    {
        "exchange_id": ["h1", "h2", "h2", "h3", "c1", "c2", "p1"],
        "account_id": ["h", "h", "h", "h", "c", "c", "p"],
        "score": [0.9, 0.5, 0.9, 0.49, 0.8, 0.8, 0.7],
    }
)


def test_counts() -> None:
    """h3 is below even odds, h2 stands there twice, c2 is a carrier's own traffic, p1 an ordinary account's."""
    assert exchange_counts(LABELS, CLAIMS, ACCOUNTS) == {
        "harvested": 4,
        "claimed": 5,
        "right": 3,
        "claimed_on_carriers": 2,
        "right_on_carriers": 1,
    }


def test_measures() -> None:
    told = exchange_measures(exchange_counts(LABELS, CLAIMS, ACCOUNTS))
    assert told is not None
    assert {name: one["value"] for name, one in told.items()} == {
        "recall": 3 / 4,
        "precision": 3 / 5,
        "precision_on_carriers": 1 / 2,
    }


def test_a_detector_that_names_no_exchanges() -> None:
    assert exchange_measures(exchange_counts(LABELS, None, ACCOUNTS)) is None


def test_nothing_claimed() -> None:
    told = exchange_measures(exchange_counts(LABELS, CLAIMS.slice(0, 0), ACCOUNTS))
    assert told is not None
    assert told["recall"]["value"] == 0 and told["precision"] is None and told["precision_on_carriers"] is None
