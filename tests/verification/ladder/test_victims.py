"""Victims of stolen keys: which keys are rotated, what is told, and that nobody suspends them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch import tables
from stillwatch.config import Verification
from stillwatch.errors import NothingToRead
from stillwatch.verification.ladder.responses import Response
from stillwatch.verification.ladder.rungs import DAY
from stillwatch.verification.ladder.victims import Victim, helped, helped_accounts, victims

NOW = 1_780_000_000.0
SETTINGS = Verification()
STANDING = {"campaign_id": "C-1", "score": 0.9, "verdict": "campaign", "reasons": []}


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """One victim with two keys, of which one was stolen, one whose exchanges tell no key, and a harvester."""
    accounts = [
        {"account_id": one, "role": role, **STANDING}
        for one, role in (("v2", "victim"), ("v1", "victim"), ("h", "harvester"))
    ]
    exchanges = [
        {"exchange_id": f"{one}-{n}", "account_id": one, "campaign_id": "C-1", "score": 0.9, "capability": "coding"}
        for one in ("v1", "h")
        for n in range(3)
    ]
    uses = [
        {"exchange_id": f"{one}-{n}", "account_id": one, "api_key_id": f"key of {one}" if n < 3 else "own key"}
        for one in ("v1", "h")
        for n in range(5)
    ]
    (tmp_path / "tables").mkdir()
    pq.write_table(pa.Table.from_pylist(accounts, schema=tables.RESULT_ACCOUNTS.schema), tmp_path / "accounts.parquet")
    pq.write_table(
        pa.Table.from_pylist(exchanges, schema=tables.RESULT_EXCHANGES.schema), tmp_path / "exchanges.parquet"
    )
    pq.write_table(pa.Table.from_pylist(uses), tmp_path / "tables/uses.parquet")
    return tmp_path


def test_the_keys_that_the_harvest_was_sent_with(result: Path) -> None:
    assert victims(result) == [Victim("v1", "C-1", ("key of v1",), 3), Victim("v2", "C-1", (), 0)]
    (result / "tables/uses.parquet").unlink()
    assert victims(result)[0] == Victim("v1", "C-1", (), 3)
    (result / "exchanges.parquet").unlink()
    assert victims(result)[0] == Victim("v1", "C-1", (), 0)
    (result / "accounts.parquet").unlink()
    with pytest.raises(NothingToRead, match="no result to look for victims in"):
        victims(result)


def test_what_is_done_for_them(result: Path) -> None:
    rows = helped(victims(result), [], {"key of v1": "key_17"}, NOW, SETTINGS)
    assert [(one.account_id, one.what) for one in rows] == [
        (who, what) for who in ("v1", "v2") for what in ("rotate_keys", "notify", "watch")
    ]
    assert rows[0].details == ("key_17",) and "all of them" in rows[3].why
    assert "Nothing is held against you" in rows[1].told
    assert not [word for word in ("C-1", "campaign", "template", "harvest", "score") if word in rows[1].told]
    assert helped(victims(result), rows, {}, NOW + DAY, SETTINGS) == []
    assert helped_accounts(rows, NOW) == {"v1", "v2"}
    later: list[Response] = helped(victims(result), rows, {}, NOW + 31 * DAY, SETTINGS)
    assert len(later) == 6 and not {one.key for one in later} & {one.key for one in rows}


def test_of_a_scan_that_found_none(ring: object) -> None:
    assert victims(ring.out) == []  # type: ignore[attr-defined]
