"""PRADA: normal distances are spared, made ones are flagged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from peer_logs import exchange, opened

from bench.peers.prada import nearest, normality, prada

WORDS = np.array([f"word{number}" for number in range(400)])


def test_distances_are_to_the_growing_set() -> None:
    """On a line: 0, 10, 1, 21. The set takes 10 (10 > 0), not 1 (1 is less than mean - deviation = 10), then 21."""
    assert nearest(np.array([[0.0], [10.0], [1.0], [21.0], [2.0]])).tolist() == [10.0, 1.0, 11.0, 2.0]


def natural(random: np.random.Generator, size: int) -> np.ndarray:
    return random.normal(size=(size, 16))


def synthetic(random: np.random.Generator, size: int) -> np.ndarray:
    """Steps of one length from a few natural seeds, as in augmentation along a gradient."""
    seeds = np.repeat(natural(random, size // 8), 8, axis=0)
    step = random.normal(size=seeds.shape)
    return seeds + 0.1 * step / np.linalg.norm(step, axis=1, keepdims=True)


@pytest.mark.parametrize(("queries", "low", "high"), [(natural, 0.95, 1.0), (synthetic, 0.0, 0.85)])
def test_w_is_near_one_for_natural_queries_only(queries: object, low: float, high: float) -> None:
    shapes = [normality(nearest(queries(np.random.default_rng(seed), 128))) for seed in range(5)]  # type: ignore[operator]
    assert low <= min(shapes) and max(shapes) <= high


@pytest.mark.parametrize(("distances", "tested"), [(100, False), (101, True)])
def test_a_hundred_distances_are_too_few(distances: int, tested: bool) -> None:
    assert (normality(np.random.default_rng(1).exponential(size=distances)) < 1) == tested


def test_outliers_are_left_out() -> None:
    usual = np.random.default_rng(2).normal(10.0, 1.0, 120)
    assert normality(np.append(usual, [1_000.0])) == pytest.approx(normality(usual))


def test_one_query_repeated_has_no_shape() -> None:
    assert normality(nearest(np.ones((128, 4)))) == 1.0


def test_an_account_that_varies_its_own_queries_is_flagged(tmp_path: Path) -> None:
    random = np.random.default_rng(3)

    def fresh() -> list[str]:
        return [str(one) for one in random.choice(WORDS, 12)]

    def ask(name: str, copies: int) -> list[dict[str, object]]:
        """Every so many queries a fresh one, then copies of it with one word changed."""
        rows, query = [], fresh()
        for place in range(120):
            query = fresh() if place % (copies + 1) == 0 else [*query[:-1], str(random.choice(WORDS))]
            rows.append(exchange(name, place, prompt=" ".join(query)))
        return rows

    history = opened(tmp_path / "benign", [row for number in range(12) for row in ask(f"h{number}", 0)])
    people = [row for number in range(4) for row in ask(f"person{number}", 0)]
    log = opened(tmp_path / "log", [*ask("copier", 3), *people, *ask("short", 3)[:90]])
    found = dict(zip(log.accounts, prada(log, history).score, strict=True))
    assert max(found, key=found.__getitem__) == "copier"
    assert prada(log, history).flagged[log.accounts.index("copier")]
    assert found["short"] == 0.0
