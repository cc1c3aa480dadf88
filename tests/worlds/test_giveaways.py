"""What a detector could cheat on: no single value of a column may tell campaign accounts from ordinary ones."""

from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.worlds import load, make

SCALE = 0.01  # about half a million exchanges: enough accounts that a rare value is not a fluke
TOO_GOOD = 0.9  # precision and recall that one value must not reach both
COLUMNS = [
    "asn",
    "user_agent",
    "tls_fingerprint",
    "header_fingerprint",
    "model",
    "max_tokens",
    "temperature",
    "country",
]
SHARES = {"ever": 0.0, "mostly": 0.5, "nearly always": 0.95}  # of an account's exchanges that show the value
WORLDS = ["disclosure-2026-02", "relay-2026-07", "quiet-2026-07"]


@pytest.fixture(scope="module", params=WORLDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("giveaways")
    make(out, load(request.param), scale=SCALE, seed=5)
    return out


@pytest.fixture(scope="module")
def members(world: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in pq.read_table(world / "labels" / "accounts.parquet").to_pylist():
        if row["campaign"] and row["role"] != "spare":  # spares send nothing
            found["any"].add(row["account_id"])
            found[row["campaign"]].add(row["account_id"])
    return found


@pytest.mark.parametrize("column", COLUMNS)
def test_no_single_value_tells_a_campaign_from_the_rest(world: Path, members: dict[str, set[str]], column: str) -> None:
    rows = pq.read_table(world / "log" / "exchanges", columns=["account_id", column])
    counts: pa.Table = rows.group_by(["account_id", column]).aggregate([([], "count_all")])
    everything: dict[str, int] = defaultdict(int)
    for row in counts.to_pylist():
        everything[row["account_id"]] += row["count_all"]
    showing: dict[tuple[object, str], set[str]] = defaultdict(set)
    for row in counts.to_pylist():
        for how, share in SHARES.items():
            if row["count_all"] > share * everything[row["account_id"]]:
                showing[row[column], how].add(row["account_id"])
    found = [
        (value, how, campaign, len(accounts & members[campaign]))
        for (value, how), accounts in showing.items()
        for campaign in members
        if len(accounts & members[campaign]) > TOO_GOOD * max(len(accounts), len(members[campaign]))
    ]
    assert found == []
