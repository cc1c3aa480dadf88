"""What an engine hands out, and what not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import spark_here
from ibis import _

from stillwatch import tables
from stillwatch.config import Spark
from stillwatch.errors import BadConfiguration
from stillwatch.tables import USES

ROWS = [{"exchange_id": f"x{n}", "account_id": f"a{n % 2}", "prompt_hash": n} for n in range(4)]


@pytest.fixture
def stored(engine: Any, arrow: Any) -> Any:
    """An engine with a few exchanges in it, and the accounts of some."""
    engine.inner.put("uses", arrow(USES, *ROWS))
    engine.inner.put("candidates", arrow(tables.CANDIDATES, {"account_id": "a1"}))
    return engine.inner


@pytest.mark.parametrize(
    "rows_of",
    [
        lambda uses, accounts: uses,
        lambda uses, accounts: uses.filter(_.account_id == "a1").select("exchange_id"),
        lambda uses, accounts: uses.limit(1),
        lambda uses, accounts: accounts.join(uses, "account_id").select("exchange_id"),
        lambda uses, accounts: uses.select("account_id").union(accounts.select("account_id")),
        lambda uses, accounts: uses.semi_join(accounts, "account_id"),
    ],
    ids="whole some one joined union semi".split(),
)
def test_exchanges_are_never_collected(stored: Any, rows_of: Any) -> None:
    with pytest.raises(AssertionError, match="rows of 'uses' are exchanges"):
        stored.collect(rows_of(stored.table("uses"), stored.table("candidates")))


@pytest.mark.parametrize(
    ("rows_of", "rows"),
    [
        (lambda uses, accounts: uses.group_by("account_id").agg(n=_.count()), 2),
        (lambda uses, accounts: uses.select("account_id").distinct(), 2),
        (lambda uses, accounts: accounts.semi_join(uses, "account_id"), 1),
        (lambda uses, accounts: accounts, 1),
    ],
    ids="counted distinct asked whole".split(),
)
def test_what_is_made_of_them_is(stored: Any, rows_of: Any, rows: int) -> None:
    assert len(stored.collect(rows_of(stored.table("uses"), stored.table("candidates")))) == rows


def test_the_same_verbs_everywhere(stored: Any) -> None:
    stored.write("links", stored.table("candidates"), pa.schema([("account_id", pa.string())]))
    assert stored.has("links") and stored.rows("links") == 1
    stored.drop("links")
    stored.drop("links")  # again: nothing to do
    assert not stored.has("links")


@pytest.mark.parametrize(
    "made", [lambda links: links, lambda links: links.filter(_.weight > 0)], ids="whole made".split()
)
def test_too_many_rows_for_the_driver_are_an_error(spark: Any, arrow: Any, tmp_path: Path, made: Any) -> None:
    few = spark_here.engine(spark, tmp_path, Spark(max_collected_rows=2))
    few.put("links", arrow(tables.LINKS, *({"account_a": f"a{n}", "weight": 1.0} for n in range(3))))
    with pytest.raises(BadConfiguration) as refused:
        few.collect(made(few.table("links")))
    assert refused.value.what == "3 rows are too many for the driver" and "'links'" in refused.value.where
    assert refused.value.allowed == "spark.max_collected_rows = 2" and refused.value.next_step
    assert len(few.collect(few.table("links").filter(_.account_a != "a0"))) == 2
    few.close()


def test_copies_are_made_a_slice_at_a_time(spark: Any, arrow: Any, tmp_path: Path) -> None:
    """What `explain` looks up, whole; of the tables with a row per value, the found clusters' accounts alone."""
    engine = spark_here.engine(spark, tmp_path, Spark(copied_rows=2))
    engine.put("accounts", arrow(tables.ACCOUNTS, *({"account_id": f"a{n}", "exchanges": n} for n in range(9))))
    engine.put(
        "account_values", arrow(tables.ACCOUNT_VALUES, *({"account_id": f"a{n}", "kind": "k"} for n in range(9)))
    )
    engine.put("candidates", arrow(tables.CANDIDATES, {"account_id": "a1"}))
    engine.put("uses", arrow(USES, *ROWS))
    engine.keep(["accounts", "account_values", "uses", "links"])
    engine.close()
    assert sorted(path.name for path in tmp_path.glob("*.parquet")) == ["account_values.parquet", "accounts.parquet"]
    accounts = pq.read_table(tmp_path / "accounts.parquet").to_pylist()
    assert sorted((row["account_id"], row["exchanges"]) for row in accounts) == [(f"a{n}", n) for n in range(9)]
    assert pq.read_table(tmp_path / "account_values.parquet")["account_id"].to_pylist() == ["a1"]
