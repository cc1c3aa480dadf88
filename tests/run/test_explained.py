"""What `explain` reads from a result folder; every stored number is found again by its query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from stillwatch.errors import NothingToRead
from stillwatch.run.explained import checks, explained_account, explained_campaign


def test_every_query_gives_its_number_again(ring: Any) -> None:
    (campaign,) = ring.outcome.report.campaigns
    found = explained_campaign(ring.out, campaign.campaign_id)
    assert found is not None
    results = checks(ring.out, found)
    assert len(results) == sum(1 for one in found.evidence if one.query and one.value is not None) > 3
    assert [one for one in results if not one["same"]] == []


def test_a_number_that_is_not_the_stored_one_is_told(ring: Any) -> None:
    from dataclasses import replace

    (campaign,) = ring.outcome.report.campaigns
    forged = [replace(one, value=one.value + 1) if one.value is not None else one for one in campaign.evidence]
    assert not any(one["same"] for one in checks(ring.out, replace(campaign, evidence=forged)))


def test_an_account_with_its_ties(ring: Any) -> None:
    (campaign,) = ring.outcome.report.campaigns
    row, found, links, features = explained_account(ring.out, "ring-0003")
    assert row["account_id"] == "ring-0003" and found is not None and found.campaign_id == campaign.campaign_id
    assert links and all("ring-0003" in (one["account_a"], one["account_b"]) for one in links)
    stored = pq.read_table(ring.out / "tables/accounts.parquet", filters=[("account_id", "==", "ring-0003")])
    assert features["exchanges"]["value"] == stored["exchanges"][0].as_py()
    assert all(0 <= one["percentile"] <= 100 for one in features.values())
    assert explained_account(ring.out, "A-ring-0003")[0] == row


def test_a_clear_account_has_no_campaign(ring: Any) -> None:
    row, found, links, _ = explained_account(ring.out, "people-0003")
    assert (row["verdict"], found, links) == ("clear", None, [])


def test_unknown_names(ring: Any, tmp_path: Path) -> None:
    assert explained_campaign(ring.out, "C-unknown") is None
    with pytest.raises(NothingToRead, match="nobody"):
        explained_account(ring.out, "nobody")
    with pytest.raises(NothingToRead, match="no result"):
        explained_campaign(tmp_path, "C-unknown")
