"""The bench beside peers: pairs are counted as it says, ratios are of ours, who is absent is skipped with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.side_by_side.__main__ import ALL
from bench.side_by_side.clustering import copied, modularity
from bench.side_by_side.comparison import of_known
from bench.side_by_side.contender import Contender, raced, summary, told_by
from bench.side_by_side.contenders.components import linkage
from bench.side_by_side.ratios import compared, goals_table, met, table
from bench.side_by_side.texts import OWNERS, with_frames


def row(name: str, cpu: float = 1.0, memory: float = 10.0, package: str = "peer", **more: Any) -> dict[str, Any]:
    ours = package == "stillwatch"
    return {
        "name": name, "package": package, "ours": ours, "version": "1", "runs": 3, "answer": None, "cpu": cpu,
        "cpu_median": cpu, "wall": cpu, "memory_mb": memory, "peak_mb": memory + 100, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "precision", "recall", "strangers"),
    [
        ([1, 1, 1, 2, 2, 3, 4], 1.0, 1.0, 0),
        ([1, 1, 1, 2, 2, 3, 3], 1.0, 1.0, 0),  # two ordinary ones together: not asked
        ([1, 1, 1, 2, 2, 1, 4], 4 / 7, 1.0, 1),
        ([1, 1, 1, 1, 1, 3, 4], 4 / 10, 1.0, 0),
        ([0, 1, 2, 3, 4, 5, 6], 1.0, 0.0, 0),
    ],
)
def test_pairs_of_campaigns_are_counted(labels: list[int], precision: float, recall: float, strangers: int) -> None:
    """Three accounts of one campaign, two of another, two ordinary ones."""
    found = of_known(np.array([0, 0, 0, 1, 1, -1, -1]), np.array(labels))
    assert (found["precision"], found["recall"], found["strangers"]) == pytest.approx((precision, recall, strangers))


def test_modularity_of_two_triangles() -> None:
    a, b = np.array([0, 0, 1, 3, 3, 4, 2]), np.array([1, 2, 2, 4, 5, 5, 3])
    label = np.array([0, 0, 0, 1, 1, 1])
    assert modularity(a, b, np.ones(7), label, 1.0) == pytest.approx(6 / 7 - 0.5)
    assert modularity(a, b, np.ones(7), np.zeros(6, np.int64), 0.2) == pytest.approx(0.8)


def test_copies_have_every_pair_once() -> None:
    a, b = np.array([0, 0, 1]), np.array([1, 2, 2])
    low, high, weight = copied(a, b, np.array([1.0, 2.0, 3.0]), 3, 500, seed=1)
    assert (low < high).all() and high.max() < 1_500
    assert len(np.unique(np.stack([low, high]), axis=1).T) == len(low) >= 1_490
    assert set(weight) == {1.0, 2.0, 3.0}
    assert 0 < (low // 3 != high // 3).sum() < 30


def test_ratios_are_of_our_first_row() -> None:
    rows = [row("ours", 2.0, 10.0, "stillwatch"), row("peer", 8.0, 5.0), {"name": "b", "ours": False, "skipped": "why"}]
    found = compared(rows)
    assert [(one.get("times_cpu"), one.get("times_memory")) for one in found] == [(1, 1), (4, 0.5), (None, None)]


@pytest.mark.parametrize(
    ("peers", "goal", "verdict"),
    [
        ([row("a", 50.0, 20.0, f1=0.5)], 50.0, True),
        ([row("a", 49.0, 20.0, f1=0.5)], 50.0, False),
        ([row("a", 50.0, 9.0, f1=0.5)], 50.0, False),  # takes less memory
        ([row("a", 50.0, 20.0, f1=0.95)], 50.0, False),  # answers better
        ([row("a", 50.0, 20.0, f1=0.5), row("a, shingles given", 1.0, 20.0, f1=0.5)], 50.0, True),
        ([row("a", 90.0, 20.0, f1=0.5), row("b", 40.0, 20.0, f1=0.5)], 50.0, False),  # its fastest row counts
    ],
)
def test_a_goal_is_met_in_time_memory_and_quality(peers: list[dict[str, Any]], goal: float, verdict: bool) -> None:
    rows = compared([row("ours", 1.0, 10.0, "stillwatch", f1=0.9), *peers])
    assert [one["met"] for one in met(rows, {"peer": goal}, "f1")] == [verdict]


def test_who_is_absent_is_in_the_table_with_a_reason() -> None:
    absent = {"name": "rensa", "package": "rensa", "ours": False, "skipped": "rensa is not installed"}
    rows = compared([row("ours", package="stillwatch"), absent])
    assert "| rensa | skipped: rensa is not installed |" in table(rows)
    assert goals_table(met(rows, {"rensa": 4.0}, None)) == "- rensa: goal 4 times, not measured"


def test_the_shortest_run_counts() -> None:
    runs = [
        {"cpu": cpu, "wall": wall, "memory_mb": mb}
        for cpu, wall, mb in ((3.0, 9.0, 5.0), (1.0, 8.0, 7.0), (2.0, 7.0, 6.0))
    ]
    assert summary(runs) == {"cpu": 1.0, "cpu_median": 2.0, "wall": 7.0, "memory_mb": 5.0, "runs": 3}


def test_what_a_child_says() -> None:
    assert told_by(0, 'chatter\n{"cpu": 1.0}\n', "warnings") == {"cpu": 1.0}
    assert told_by(1, "", "Traceback\nValueError: no")["skipped"] == "it failed: ValueError: no"
    assert told_by(-9, "", "")["skipped"] == "it failed: exit code -9"


def test_a_peer_that_is_not_there_is_skipped(tmp_path: Path) -> None:
    told = raced(Contender("x", "no-such-peer", "minhash.rensa"), tmp_path, tmp_path / "answer.parquet")
    assert "not installed" in told["skipped"]


def test_components_join_who_holds_a_common_value(tmp_path: Path) -> None:
    held = {
        "account_id": ["a", "b", "c", "d"],
        "card": ["x", "x", None, None],
        "lines": [None, ["l"], ["l", "m"], ["n"]],
    }
    pq.write_table(pa.table(held), tmp_path / "uncrowded.parquet")
    label = linkage(tmp_path, ["card", "lines"])()["label"]
    assert label[0] == label[1] == label[2] != label[3]


def test_prompts_in_frames_are_as_asked() -> None:
    made = with_frames(3, 2_000)
    known = made.template >= 0
    assert np.mean(known) == pytest.approx(0.4, abs=0.05)
    assert len(set(made.template[known])) % len(OWNERS) == 0
    assert len(set(made.template[~known])) == (~known).sum()
    assert with_frames(3, 2_000).texts == made.texts


def test_names_of_comparisons_are_their_own() -> None:
    assert all(one.contenders[0].package == "stillwatch" for one in ALL.values())
    assert all(len({contender.name for contender in one.contenders}) == len(one.contenders) for one in ALL.values())


@pytest.mark.slow
def test_a_contender_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    edges = {"a": [0, 0, 1, 3, 3, 4, 2], "b": [1, 2, 2, 4, 5, 5, 3], "weight": [9.0] * 6 + [0.1]}
    pq.write_table(pa.table(edges), tmp_path / "edges.parquet")
    told = raced(Contender("ours", "stillwatch", "stillwatch.clustering"), tmp_path, tmp_path / "answer.parquet", 1)
    assert told["cpu"] > 0 and told["peak_mb"] > told["memory_mb"] >= 0 and told["runs"] == 1
    label = pq.read_table(told["answer"])["label"].to_pylist()
    assert len(set(label[:3])) == len(set(label[3:])) == 1
