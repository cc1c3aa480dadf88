"""Campaigns do what the public record says of them (numbers as disclosed in February and September 2026)."""

from __future__ import annotations

import json
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch import tables
from stillwatch.evidence import CAPABILITIES
from stillwatch.worlds import load
from worlds.made import Made, made

HARVEST = """CREATE OR REPLACE TEMP VIEW harvest AS SELECT rows.*, m.tenant, m.capability, l.role FROM rows
             JOIN marks m USING (exchange_id) JOIN labels l USING (account_id) WHERE m.harvested AND m.campaign = '{}'"""
PER_ACCOUNT_DAY = "SELECT count(*) n FROM harvest GROUP BY account_id, timestamp::DATE"

# What is told of a campaign: world, a query over its `harvest`, and the least and the most it may give in a small world.
RECORD = [
    ("reasoning", "disclosure", "distinct hours in which half the pool was at work on a day", "SELECT count(*) FROM (SELECT "
     "count(DISTINCT account_id) n FROM harvest GROUP BY date_trunc('hour', timestamp)) WHERE n >= 6", 60, 600),
    ("tools", "disclosure", "pathways", "SELECT count(DISTINCT pathway) FROM accounts SEMI JOIN harvest USING (account_id)",
     3, 5),
    ("tools", "disclosure", "capabilities", "SELECT count(DISTINCT capability) FROM harvest", 5, 8),
    ("hydra", "disclosure", "harvested share of an account, smallest", "SELECT quantile_cont(s, 0.05) FROM (SELECT "
     "avg(m.harvested::INT) s FROM marks m JOIN rows USING (exchange_id) JOIN labels l USING (account_id) "
     "WHERE l.campaign = 'hydra' AND l.role <> 'victim' GROUP BY account_id)", 0.0, 0.3),
    ("burst", "quiet", "requests a user", "SELECT count(*) / count(DISTINCT account_id) FROM harvest", 3.2, 4.8),
    ("burst", "quiet", "days", "SELECT count(DISTINCT timestamp::DATE) FROM harvest", 2, 2),
    ("rotation", "september", "exchanges an account and day, whole days", "SELECT median(n) FROM "
     f"(SELECT n FROM ({PER_ACCOUNT_DAY}) WHERE n > 100)", 700, 1_500),
    ("rotation", "september", "share of the pool at work in an hour, mean", "SELECT avg(n) / max(total) FROM (SELECT "
     "count(DISTINCT account_id) n FROM harvest GROUP BY date_trunc('hour', timestamp)), (SELECT count(DISTINCT account_id) "
     "total FROM harvest)", 0.2, 0.7),
    ("injected", "september", "share of first turns behind one of two fixed prefixes, but for slips", "SELECT sum(n) FILTER "
     "(place <= 2) / sum(n) FROM (SELECT count(*) n, row_number() OVER (ORDER BY count(*) DESC) place FROM harvest WHERE "
     "turn = 0 GROUP BY prompt[:40])", 0.85, 1.0),
    ("injected", "september", "hours between the first pool's ban and the second's first request", "SELECT date_diff('minute', "
     "(SELECT min(banned_at) FROM accounts SEMI JOIN harvest USING (account_id)), min(h.timestamp)) / 60 FROM harvest h JOIN "
     "accounts USING (account_id) WHERE banned_at IS NULL", 0.2, 12),
    ("relay", "relay", "share of the campaign's exchanges with a system prompt that honest developers' agent sends too",
     "SELECT avg((system[:200] IN (SELECT system[:200] FROM rows JOIN labels USING (account_id) WHERE \"group\" = "
     "'agents'))::INT) FROM harvest", 0.95, 1.0),
    ("replay", "september", "exchanges an account and day", f"SELECT avg(n) FROM ({PER_ACCOUNT_DAY})", 8, 22),
    ("replay", "september", "most accounts that redeem one token", "SELECT max(n) FROM (SELECT count(DISTINCT account_id) n "
     "FROM harvest WHERE reasoning_signature IS NOT NULL GROUP BY reasoning_signature)", 3, 24),
    ("network", "september", "tenants on one account, mean", "SELECT avg(n) FROM (SELECT count(DISTINCT tenant) n FROM harvest "
     "GROUP BY account_id)", 1.8, 2.0),
    ("network", "september", "texts that both tenants send", "SELECT count(*) FROM (SELECT prompt[:60] FROM harvest GROUP BY 1 "
     "HAVING count(DISTINCT tenant) > 1)", 0, 0),
    ("sweep", "september", "share of the sweep's requests that are like no other", "SELECT count(DISTINCT prompt) / count(*) "
     "FROM harvest WHERE timestamp < TIMESTAMPTZ '2026-07-10 00:00:00+00'", 0.99, 1.0),
    ("stolen_keys", "september", "days that a victim had been a customer, least", "SELECT min(date_diff('day', created_at, "
     "timestamp)) FROM harvest JOIN accounts USING (account_id) WHERE role = 'victim'", 100, 1_000),
    ("stolen_keys", "september", "share of victims", "SELECT avg((role = 'victim')::INT) FROM labels WHERE campaign = "
     "'stolen_keys'", 0.7, 0.95),
]  # fmt: skip


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    return {name.split("-")[0]: made(tmp_path_factory, name) for name in ALL_WORLDS}


ALL_WORLDS = ["disclosure-2026-02", "quiet-2026-07", "relay-2026-07", "september-2026-07"]


@pytest.mark.parametrize(
    ("campaign", "world", "what", "query", "least", "most"), RECORD, ids=[f"{one[0]}: {one[2]}" for one in RECORD]
)
def test_a_campaign_does_what_was_told_of_it(
    worlds: dict[str, Made], campaign: str, world: str, what: str, query: str, least: float, most: float
) -> None:
    worlds[world].ask_all(HARVEST.format(campaign))
    assert least <= float(worlds[world].one(query)) <= most, what


@pytest.mark.parametrize("world", [name.split("-")[0] for name in ALL_WORLDS])
def test_labels_tell_the_truth(worlds: dict[str, Made], world: str) -> None:
    here = worlds[world]
    told = json.loads((here.folder / "labels" / "world.json").read_text())["truth"]
    for campaign, one in told.items():
        here.ask_all(HARVEST.format(campaign))
        assert one["harvested"] == here.one("SELECT count(*) FROM harvest")
        assert one["accounts"] == here.one(f"SELECT count(*) FROM labels WHERE campaign = '{campaign}'")
        assert set(one["capabilities"]) <= set(CAPABILITIES)
        top = here.one("SELECT capability FROM harvest GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
        assert one["top_capability"] == top
        assert sum(one["capabilities"].values()) == pytest.approx(1)
    assert here.one("SELECT count(*) FROM marks WHERE harvested <> (tenant IS NOT NULL)") == 0


@pytest.mark.parametrize(
    ("world", "campaign", "pivots"),
    [
        ("disclosure", "hydra", True),
        ("disclosure", "reasoning", False),
        ("september", "injected", True),
        ("september", "replay", False),
        ("quiet", "burst", False),
    ],
)
def test_who_pivots_really_does(worlds: dict[str, Made], world: str, campaign: str, pivots: bool) -> None:
    here = worlds[world]
    notes = json.loads((here.folder / "labels" / "world.json").read_text())
    assert notes["truth"][campaign]["pivots"] is pivots
    released = load(notes["world"]).start + timedelta(days=notes["release_day"])
    here.ask_all(HARVEST.format(campaign))
    window = f"timestamp BETWEEN TIMESTAMPTZ '{released}' AND TIMESTAMPTZ '{released + timedelta(days=1)}'"
    share = here.one(f"SELECT coalesce(avg((model = 'atlas-5')::INT), 0) FROM harvest WHERE {window}")
    assert (share > 0.3) is pivots


@pytest.mark.parametrize("world", [name.split("-")[0] for name in ALL_WORLDS])
def test_every_world_keeps_the_contract_and_leaks_nothing(worlds: dict[str, Made], world: str) -> None:
    folder = worlds[world].folder
    for part in (folder / "log" / "exchanges").glob("*.parquet"):
        schema = pq.read_schema(part)
        assert [(one.name, one.type) for one in schema] == [(c.name, c.type) for c in tables.LOG_EXCHANGES.columns]
    words = {"hydra", "campaign", "harvest", "reseller", "victim", "stolen", "sweep", "relay", "injected"}
    rows = pq.read_table(folder / "log" / "exchanges", columns=["user_agent", "account_id", "api_key_id", "session_id"])
    seen = " ".join(one or "" for one in pc.unique(rows["user_agent"]).to_pylist()).lower()
    assert not [word for word in words if word in seen]
    for column, prefix in (("account_id", "acct_"), ("api_key_id", "key_"), ("session_id", "sess_")):
        assert pc.all(pc.match_substring_regex(rows[column].drop_null(), f"^{prefix}[0-9a-f]{{16}}$")).as_py()


@pytest.mark.parametrize("world", [name.split("-")[0] for name in ALL_WORLDS])
def test_files_are_in_no_order_of_groups(worlds: dict[str, Made], world: str) -> None:
    """Neighbours in the list of accounts, and in a day's rows, belong together no more than by chance."""
    here = worlds[world]
    order = pq.read_table(here.folder / "log" / "accounts.parquet", columns=["account_id"])["account_id"].to_pylist()
    marked = dict(here.ask("SELECT account_id, campaign IS NOT NULL FROM labels"))
    guilty = pa.array([marked[one] for one in order]).to_numpy(zero_copy_only=False)
    share = guilty.mean()
    together = (guilty[1:] & guilty[:-1]).mean()
    assert together < share**2 + 4 * (share**2 / len(order)) ** 0.5
