"""What a worker gets together, and that the files named as longest are there."""

from __future__ import annotations

from pathlib import Path

import handed_out
import pytest
from xdist.scheduler import LoadScopeScheduling

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("test", "unit"),
    [
        ("tests/links/test_ties.py::test_pair[spark]", "spark"),
        ("tests/links/test_ties.py::test_pair[spark-2]", "spark"),
        ("tests/links/test_ties.py::test_pair[tie-spark]", "spark"),
        ("tests/run/test_spark.py::test_the_document_is_the_same", "spark"),
        ("tests/engines/test_bounds.py::test_copies[duckdb]", "spark"),
        ("tests/links/test_ties.py::test_pair[duckdb]", "tests/links/test_ties.py"),
        ("tests/render/test_html.py::test_a_spark[sparkline]", "tests/render/test_html.py"),
    ],
)
def test_all_that_is_on_spark_goes_to_one_worker(test: str, unit: str) -> None:
    scheduler: LoadScopeScheduling = handed_out.Together.__new__(handed_out.Together)
    assert scheduler._split_scope(test) == unit


def test_what_is_on_spark_comes_first_and_then_the_longest() -> None:
    names = ["tests/a.py::t", "tests/run/test_watch.py::t", "tests/a.py::t[spark]", "tests/run/test_watch_kafka.py::t"]
    assert [names.index(one) for one in sorted(names, key=handed_out.place)] == [2, 3, 1, 0]


def test_the_longest_files_are_there() -> None:
    assert not [name for name in handed_out.LONGEST if not (HERE / f"{name}.py").exists()]
