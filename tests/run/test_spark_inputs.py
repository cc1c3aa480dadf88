"""What Spark reads: bad rows are set aside and counted as on one machine, from a log folder and from its own tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import engines_agree
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import spark_here

from stillwatch import tables
from stillwatch.config import Config, Engine
from stillwatch.engines.duckdb import DuckDB
from stillwatch.engines.maps import ToSignals
from stillwatch.errors import BadConfiguration, NothingToRead, UnknownFormat
from stillwatch.networks import Networks
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.readers import open_log
from stillwatch.run import Place, link, scan
from stillwatch.run.passes import OnThisMachine, Passes
from stillwatch.run.rejected import Rejected
from stillwatch.signals import KnownClients

pytestmark = pytest.mark.slow

NOON = "2026-02-02T12:00:00Z"
GOOD = {"account_id": "a", "timestamp": NOON, "prompt": "How do I bake bread with rye flour and no yeast?"}


def ids(*names: str) -> list[dict[str, Any]]:
    return [{"exchange_id": name, **GOOD} for name in names]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three files: rows that cannot be used, ids that come again, and a file that ends too early."""
    folder = tmp_path / "log/exchanges"
    folder.mkdir(parents=True)
    first = [*ids("x1", "x2"), {**ids("x3")[0], "timestamp": "noon"}, {**ids("x4")[0], "account_id": None}, *ids("x1")]
    lines = [json.dumps(row) for row in first]
    lines.insert(1, '{"exchange_id": "broken')
    (folder / "a.jsonl").write_text("\n".join(lines) + "\n")
    later = [
        {**ids("x2")[0], "prompt": "another text"},
        *ids("x5"),
        {**ids("x6")[0], "timestamp": "2026-02-03T12:00:00Z"},
    ]
    rows = [{**row, "timestamp": datetime.fromisoformat(row["timestamp"]), "turn": 1} for row in later]
    pq.write_table(pa.Table.from_pylist(rows), folder / "b.parquet")
    whole = (folder / "b.parquet").read_bytes()
    (folder / "c.parquet").write_bytes(whole[:-20])
    return tmp_path / "log"


def read(
    passes: Passes, engine: Any, path: Path, as_of: datetime | None = None
) -> tuple[pa.Table, list[Any], Rejected]:
    """Signals, what was set aside, and the counts."""
    rejected = Rejected(path, 100)
    work = ToSignals(Pseudonyms(b"k" * 32), Networks.load(None), KnownClients({}), Config().text)
    instant = None if as_of is None else pa.scalar(as_of, tables.INSTANT)
    rows = passes.to_signals(work, instant, rejected, lambda done: None)
    rejected.close()
    stored = pq.read_table(engine.path("signals")) if isinstance(engine, DuckDB) else engine.stored("signals").toArrow()
    assert len(stored) == rows
    return stored, [json.loads(line) for line in path.read_text().splitlines()], rejected


@pytest.fixture
def opened(spark: Any, tmp_path: Path) -> Any:
    """Passes on Spark, as a run opens them."""
    from stillwatch.run.on_spark import opened_spark

    spark_here.for_small_tables(spark, True)

    def open_(place: Place) -> Any:
        log = open_log(place.log, Config().reading, needs_exchanges=not place.tables) if place.log else None
        return opened_spark(place, log, tmp_path / "spark_tables", Config())

    return open_


@pytest.mark.parametrize("as_of", [None, datetime(2026, 2, 2, 18, tzinfo=UTC)])
def test_a_log_folder_is_read_as_on_one_machine(opened: Any, log: Path, tmp_path: Path, as_of: datetime | None) -> None:
    here, there = DuckDB(tmp_path / "tables", Engine()), opened(Place(log, tmp_path / "out", engine="spark"))
    local = OnThisMachine(open_log(log, Config().reading), here)
    signals, aside, counted = read(local, here, tmp_path / "here.jsonl", as_of)
    others, others_aside, others_counted = read(there[1], there[0], tmp_path / "there.jsonl", as_of)
    engines_agree.assert_same_rows("signals", signals, others.select(signals.schema.names))
    assert set(signals["exchange_id"].to_pylist()) == {"x1", "x2", "x5", "x6"} - (set() if as_of is None else {"x6"})
    assert others_aside == aside and len(aside) == 6
    assert (others_counted.count, others_counted.reasons) == (counted.count, counted.reasons)
    assert there[1].present == local.present and "turn" in local.present
    texts = there[1].texts({"x5": (1, 0, 1)})
    assert texts == local.texts({"x5": (1, 0, 1)}) and texts["x5"][1] == GOOD["prompt"]


def test_a_log_that_cannot_be_read_is_the_same_error(opened: Any, tmp_path: Path) -> None:
    (tmp_path / "log/exchanges").mkdir(parents=True)
    (tmp_path / "log/exchanges/a.jsonl").write_text("no JSON\nnor this\n")
    there = opened(Place(tmp_path / "log", tmp_path / "out", engine="spark"))
    here = DuckDB(tmp_path / "tables", Engine())
    local = OnThisMachine(open_log(tmp_path / "log", Config().reading), here)
    said = []
    for passes, engine in ((local, here), (there[1], there[0])):
        with pytest.raises(UnknownFormat) as found:
            read(passes, engine, tmp_path / "rejected.jsonl")
        said.append(str(found.value))
    assert said[0] == said[1]


EARLY, LATE = datetime(2026, 2, 2, 9, tzinfo=UTC), datetime(2026, 2, 2, 10, tzinfo=UTC)
TABLE = [
    ("x1", "a", LATE, "the later of two"),
    ("x1", "a", EARLY, "the earlier of two"),
    ("x2", None, EARLY, "nobody's"),
    ("x3", "a", datetime(1970, 1, 1, tzinfo=UTC), "a clock in the wrong unit"),
    ("x4", "b", EARLY, "fine"),
]


def table(spark: Any, rows: list[Any], columns: str) -> Any:
    return spark.createDataFrame(rows, columns)


def test_a_table_of_the_catalog(opened: Any, spark: Any, tmp_path: Path) -> None:
    spark.sql("CREATE DATABASE IF NOT EXISTS lake")
    frame = table(spark, TABLE, "exchange_id string, account_id string, timestamp timestamp, prompt string")
    frame.write.mode("overwrite").saveAsTable("lake.asked")
    engine, passes = opened(Place(None, tmp_path / "out", engine="spark", tables={"exchanges": "lake.asked"}))
    signals, aside, counted = read(passes, engine, tmp_path / "rejected.jsonl")
    kept = {row["exchange_id"]: row["timestamp"] for row in signals.to_pylist()}
    assert kept == {"x1": EARLY, "x4": EARLY}, "of one id, the earliest"
    assert counted.count == 3 and {(one["file"], one["line"], one["column"]) for one in aside} == {
        ("lake.asked", 0, "account_id"), ("lake.asked", 0, "timestamp"), ("lake.asked", 0, "exchange_id"),
    }  # fmt: skip
    assert passes.present == {"exchange_id", "account_id", "timestamp", "prompt"}
    assert passes.texts({"x4": (0, 0, 0)}) == {"x4": (None, "fine")}
    assert passes.table("accounts") == (None, []), "no side table was named, and there is no log folder"


@pytest.mark.parametrize(
    ("where", "format", "error", "said"),
    [
        ("lake.nowhere", "parquet", NothingToRead, "Spark cannot read it"),
        ("{folder}/nothing", "parquet", NothingToRead, "Spark cannot read it"),
        ("{folder}/nothing", "delta", NothingToRead, "Spark cannot read it"),
        ("{folder}/lacking", "orc", UnknownFormat, "no column account_id and no timestamp and no prompt or messages"),
    ],
)
def test_what_cannot_be_a_table_of_exchanges(
    opened: Any, spark: Any, tmp_path: Path, where: str, format: str, error: Any, said: str
) -> None:
    table(spark, [("x1", 1)], "exchange_id string, n int").write.orc(str(tmp_path / "lacking"))
    asked = Place(
        None, tmp_path / "out", engine="spark", tables={"exchanges": where.format(folder=tmp_path)}, format=format
    )
    with pytest.raises(error) as found:
        opened(asked)
    assert said in found.value.what and "--table exchanges=" in found.value.where and found.value.next_step


def test_a_database_that_is_not_there(opened: Any, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="no such database"):
        opened(Place(None, tmp_path / "out", engine="spark", write_to="nowhere"))


def test_linking_alone(spark: Any, tmp_path: Path) -> None:
    """`stillwatch link` on evidence alone: the same links and clusters as on one machine."""
    spark_here.for_small_tables(spark, True)
    (tmp_path / "log").mkdir()
    rows = [{"account_id": f"ring-{n}", "kind": "wallet", "value": f"w{w}"} for n in range(6) for w in range(n + 1)]
    rows += [{"account_id": f"p-{n}", "kind": "wallet", "value": f"own {n}"} for n in range(300)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "log/evidence.parquet")
    totals = []
    for engine in ("duckdb", "spark"):
        place = Place(tmp_path / "log", tmp_path / engine, tmp_path / "out.key", engine=engine)
        totals.append(link(place, Config()).report.totals)
    assert totals[0] == totals[1] and totals[0]["clusters"] == 1
    for name in ("links", "clusters"):
        here, there = (pq.read_table(tmp_path / engine / f"{name}.parquet") for engine in ("duckdb", "spark"))
        engines_agree.assert_same_rows(name, here, there)


def test_from_tables_into_tables(spark: Any, ring: Any, tmp_path: Path) -> None:
    """A table of exchanges and a path of accounts in; a database of results out, and the answer of the log folder."""
    spark_here.for_small_tables(spark, True)
    for name in ("lake", "results"):
        spark.sql(f"CREATE DATABASE IF NOT EXISTS {name}")
    spark.read.parquet(str(ring.log / "exchanges")).write.mode("overwrite").saveAsTable("lake.requests")
    spark.read.parquet(str(ring.log / "accounts.parquet")).write.orc(str(tmp_path / "accounts"))
    place = Place(
        ring.log, tmp_path / "out", ring.out.with_name("out.key"), engine="spark", format="orc", write_to="results",
        tables={"exchanges": "lake.requests", "accounts": str(tmp_path / "accounts")},
    )  # fmt: skip
    outcome = scan(place, Config())
    assert outcome.exchanges_at == "results.exchanges" and not (tmp_path / "out/exchanges.parquet").exists()
    found = spark.table("results.exchanges").toArrow()
    engines_agree.assert_same_rows("exchanges", pq.read_table(ring.out / "exchanges.parquet"), found)
    here, there = (pq.read_table(out / "accounts.parquet") for out in (ring.out, tmp_path / "out"))
    engines_agree.assert_same_rows("accounts", here, there)
    assert {"uses", "links", "members"} <= {row.tableName for row in spark.sql("SHOW TABLES IN results").collect()}
    (campaign,) = outcome.report.campaigns
    (before,) = ring.outcome.report.campaigns
    assert [one.skeleton for one in campaign.templates] == [one.skeleton for one in before.templates] != [""]
