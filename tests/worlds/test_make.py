"""A world on disk: the contract's columns, labels that stay outside, seeds that decide everything."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch import tables
from stillwatch.errors import BadConfiguration
from stillwatch.worlds import Summary, World, load, make, names

SCALE = 0.003  # about 280,000 exchanges

# What real life gives away: where traffic comes from, and what was typed.
CATEGORIES = [
    "channel",
    "model",
    "country",
    "user_agent",
    "tls_fingerprint",
    "header_fingerprint",
    "temperature",
    "max_tokens",
    "status",
    "turn",
]
REGISTERED = ["status", "pathway", "plan", "declared_country", "payment_country", "verification"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    out = tmp_path_factory.mktemp("world")
    return out, make(out, load("disclosure-2026-02"), scale=SCALE, seed=7)


@pytest.fixture(scope="module")
def labelled(world: tuple[Path, Summary]) -> pa.Table:
    out, _ = world
    labels = pq.read_table(out / "labels" / "accounts.parquet")
    return pq.read_table(out / "log" / "exchanges").join(labels, "account_id")


def test_columns_are_the_contracts(world: tuple[Path, Summary]) -> None:
    out, _ = world
    for part in (out / "log" / "exchanges").glob("*.parquet"):
        schema = pq.read_schema(part)
        assert [(one.name, one.type) for one in schema] == [(c.name, c.type) for c in tables.LOG_EXCHANGES.columns]
    for name, table in (
        ("accounts", tables.LOG_ACCOUNTS),
        ("releases", tables.LOG_RELEASES),
        ("declared", tables.LOG_DECLARED),
    ):
        schema = pq.read_schema(out / "log" / f"{name}.parquet")
        assert [(one.name, one.type) for one in schema] == [(c.name, c.type) for c in table.columns]


def test_rows_are_in_time_order_and_unique(world: tuple[Path, Summary]) -> None:
    out, summary = world
    rows = pq.read_table(out / "log" / "exchanges", columns=["exchange_id", "timestamp"])
    parts = sorted((out / "log" / "exchanges").glob("*.parquet"))
    times = pa.concat_tables([pq.read_table(part, columns=["timestamp"]) for part in parts])["timestamp"].cast("int64")
    assert pc.all(pc.greater_equal(times[1:], times[:-1])).as_py()
    assert len(rows) == summary.exchanges == len(pc.unique(rows["exchange_id"]))


def test_labels_are_outside_and_cover_campaign_accounts_only(world: tuple[Path, Summary], labelled: pa.Table) -> None:
    out, summary = world
    assert not [path for path in (out / "log").rglob("*") if "label" in path.name]
    labels = pq.read_table(out / "labels" / "exchanges.parquet")
    mine = labelled.filter(pc.is_valid(labelled["campaign"]))
    assert set(labels["exchange_id"].to_pylist()) == set(mine["exchange_id"].to_pylist())
    assert sum(summary.campaign_exchanges.values()) == len(labels)
    document = json.loads((out / "labels" / "world.json").read_text())
    assert document["campaign_exchanges"] == summary.campaign_exchanges


def test_ids_tell_nothing(labelled: pa.Table) -> None:
    for column, prefix in (("account_id", "acct_"), ("exchange_id", "ex_"), ("session_id", "sess_")):
        form = pc.match_substring_regex(labelled[column].drop_null(), f"^{prefix}[0-9a-f]{{16}}$")
        assert pc.all(form).as_py()
    words = ["hydra", "campaign", "harvested", "reseller", "victim", "distil"]
    texts = labelled.select(["user_agent", "system", "header_fingerprint", "model"])
    for column in texts.columns:
        seen = " ".join(one.as_py() or "" for one in pc.unique(column)).lower()
        assert not [word for word in words if word in seen]


@pytest.mark.parametrize("column", CATEGORIES)
def test_no_common_value_belongs_to_campaigns_alone(labelled: pa.Table, column: str) -> None:
    counts = labelled.group_by([column, "campaign"]).aggregate([([], "count_all")]).to_pylist()
    ordinary = {row[column] for row in counts if row["campaign"] is None}
    hidden = sum(row["count_all"] for row in counts if row["campaign"] and row[column] not in ordinary)
    everything = sum(row["count_all"] for row in counts if row["campaign"])
    assert hidden < 0.02 * everything


@pytest.mark.parametrize("column", REGISTERED)
def test_no_registered_value_belongs_to_campaigns_alone(world: tuple[Path, Summary], column: str) -> None:
    out, _ = world
    rows = pq.read_table(out / "log" / "accounts.parquet").join(
        pq.read_table(out / "labels" / "accounts.parquet"), "account_id"
    )
    found = {bool(one): set() for one in (0, 1)}
    for row in rows.select([column, "campaign"]).to_pylist():
        found[row["campaign"] is not None].add(row[column])
    assert found[True] <= found[False]


def test_campaigns_have_their_volumes_and_roles(world: tuple[Path, Summary]) -> None:
    _, summary = world
    assert summary.accounts["reasoning"] == 12
    assert 1_200 < summary.campaign_exchanges["reasoning"] / 12 < 1_700
    assert 4_000 < summary.campaign_exchanges["tools"] / summary.accounts["tools"] < 7_500
    assert 400 < summary.campaign_exchanges["hydra"] / summary.accounts["hydra"] < 750
    assert 0.3 < summary.harvested["hydra"] / summary.campaign_exchanges["hydra"] < 0.65


def test_the_harvest_moves_to_the_new_model_faster_than_people_do(
    world: tuple[Path, Summary], labelled: pa.Table
) -> None:
    out, _ = world
    world_file = load("disclosure-2026-02")
    released = int((world_file.start.timestamp() + world_file.release_day * 86_400) * 1e6)
    when = labelled["timestamp"].cast("int64")
    first_day = labelled.filter(
        pc.and_(pc.greater_equal(when, released), pc.less(when, released + 86_400_000_000))
    ).join(pq.read_table(out / "labels" / "exchanges.parquet").select(["exchange_id", "harvested"]), "exchange_id")
    new = pc.equal(first_day["model"], "atlas-5").cast("float64")
    harvest = pc.fill_null(pc.and_(first_day["harvested"], pc.equal(first_day["campaign"], "hydra")), False)
    people = pc.equal(first_day["group"], "individuals")
    assert 0.38 < pc.mean(new.filter(harvest)).as_py() < 0.56
    assert 0.01 < pc.mean(new.filter(people)).as_py() < 0.2
    before = labelled.filter(pc.less(when, released))
    assert "atlas-5" not in pc.unique(before["model"]).to_pylist()


def test_banned_accounts_fall_silent_and_spares_never_speak(world: tuple[Path, Summary], labelled: pa.Table) -> None:
    out, _ = world
    accounts = pq.read_table(out / "log" / "accounts.parquet", columns=["account_id", "banned_at", "created_at"])
    last = (
        labelled.group_by("account_id")
        .aggregate([("timestamp", "max"), ("timestamp", "min")])
        .join(accounts, "account_id")
    )
    late = pc.greater(last["timestamp_max"], last["banned_at"])
    assert not pc.any(pc.fill_null(late, False)).as_py()
    assert pc.all(pc.greater_equal(last["timestamp_min"], last["created_at"])).as_py()
    assert "spare" not in pc.unique(labelled["role"]).to_pylist()


def week() -> World:
    """A world cut short: what holds for its days holds for any."""
    return replace(load("disclosure-2026-02"), days=7)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_seed_decides_everything(tmp_path: Path) -> None:
    world = week()
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make(tmp_path / name, world, scale=0.0005, seed=seed)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    first, other = (pq.read_table(tmp_path / name / "log" / "exchanges") for name in "ac")
    for column in ("account_id", "exchange_id", "session_id", "client_ip"):
        shared = set(first[column].drop_null().to_pylist()) & set(other[column].drop_null().to_pylist())
        assert len(shared) < 10
    # Frames too: hardly a harvested prompt begins as one of the other seed does.
    openings = [
        {
            text[:160]
            for text in pq.read_table(tmp_path / name / "log" / "exchanges", columns=["prompt"])["prompt"].to_pylist()
        }
        for name in "ac"
    ]
    assert len({o for o in openings[0] & openings[1] if len(o) == 160}) < 0.05 * len(openings[0])


def test_one_process_and_two_write_the_same_bytes(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    columns = {"source": "sums", "kind": "distillation", "capability": "reasoning", "system": None}
    rows = pa.table({name: pa.array([value] * 700, pa.string()) for name, value in columns.items()})
    pq.write_table(
        rows.append_column("prompt", pa.array([f"What is {n} + {n}?" for n in range(700)])), prompts / "sums.parquet"
    )
    for workers in (1, 2):  # rows are dealt on through the days, whichever process writes them
        make(tmp_path / str(workers), week(), scale=0.0003, seed=9, prompts=prompts, workers=workers)
    assert files(tmp_path / "1") == files(tmp_path / "2")


def test_a_calm_world_has_no_campaign(tmp_path: Path) -> None:
    summary = make(tmp_path, load("calm-2026-02"), scale=0.0005, seed=3)
    assert summary.campaign_exchanges == {}
    assert len(pq.read_table(tmp_path / "labels" / "exchanges.parquet")) == 0


def test_progress_counts_days(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    make(tmp_path, load("calm-2026-02"), scale=0.0003, seed=1, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(day, 28) for day in range(1, 29)]


def test_mistakes_are_named(tmp_path: Path) -> None:
    months = {"calm": 2, "disclosure": 2, "quiet": 7, "relay": 7, "returns": 2, "september": 7}
    assert names() == [f"{name}-2026-{month:02}" for name, month in months.items()]
    with pytest.raises(BadConfiguration, match="no world called 'atlantis'"):
        load("atlantis")
    with pytest.raises(BadConfiguration, match=r"scale 2 is out of range"):
        make(tmp_path, load("calm-2026-02"), scale=2, seed=1)
    own = tmp_path / "own.yaml"
    for text, what in [("- a list", "not a world"), ("about: mine", "no start, days"), ("{", "world not readable")]:
        own.write_text(text)
        with pytest.raises(BadConfiguration, match=what):
            load(str(own))


def test_a_world_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "office.yaml").write_text(
        "same_as: calm-2026-02\nabout: a few\ndays: 2\nordinary: {own_key_product: {accounts: 20, at_least: 20, "
        "exchanges_per_day: 9, sigma: 1.0}}\n"
    )
    summary = make(tmp_path / "out", load(str(tmp_path / "office.yaml")), scale=1, seed=3)
    assert (summary.world, summary.accounts) == ("office", {"own_key_product": 20})
