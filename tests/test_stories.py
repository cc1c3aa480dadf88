"""Every story, from log folder to verdicts: the campaigns that must and must not be found."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from stories import Story, names, write

from stillwatch.config import Config
from stillwatch.run import Place, scan

SETTINGS = replace(Config(), engine=replace(Config().engine, threads=1))  # stories run side by side


@pytest.mark.parametrize("name", names())
def test_story(name: str, tmp_path: Path) -> None:
    story = Story.read(name)
    group_of = write(story, tmp_path / "log")
    outcome = scan(Place(tmp_path / "log", tmp_path / "out"), SETTINGS)
    accounts = pq.read_table(tmp_path / "out/accounts.parquet").to_pylist()
    assert {row["account_id"] for row in accounts} == set(group_of)
    told = [(one.name, round(one.confidence, 2)) for one in outcome.report.campaigns]
    told += [(one["name"], round(one["confidence"], 2), one["explanation"]) for one in outcome.report.near_misses]
    accused = [row for row in accounts if row["verdict"] == "campaign"]
    for group in story.found:
        size = sum(1 for one in group_of.values() if one == group)
        campaigns = Counter(row["campaign_id"] for row in accused if group_of[row["account_id"]] == group)
        assert campaigns, f"{group} was not found; what was: {told}"
        assert campaigns.most_common(1)[0][1] >= story.most * size, f"{group}: only {campaigns} of {size}; {told}"
    wrongly = Counter(group_of[row["account_id"]] for row in accused if group_of[row["account_id"]] in story.cleared)
    assert not wrongly, f"accused: {wrongly}; {told}"
    if not story.found and not story.unsure:
        assert outcome.report.campaigns == []
    swept = {
        "campaign": [one["techniques"] for campaign in outcome.report.campaigns for one in campaign.sweeps],
        "elsewhere": [one["techniques"] for one in outcome.report.sweeps],
    }
    for where, techniques in swept.items():
        expected = story.swept.get(where, [])
        assert len(techniques) == len(expected), f"sweeps: {swept}"
        assert all(abs(one - other) <= 0.1 * other for one, other in zip(techniques, expected, strict=True)), swept
    assert set(story.failover) == _taken_over(tmp_path / "out", group_of)
    if story.only_when_told:
        shutil.rmtree(tmp_path / "out")
        (tmp_path / "log/indicators.parquet").unlink()
        assert scan(Place(tmp_path / "log", tmp_path / "out"), SETTINGS).report.campaigns == []
    weak = " ".join(outcome.report.weaknesses)
    assert [words for words in story.says if words not in weak] == []


def _taken_over(out: Path, group_of: dict[str, str]) -> set[str]:
    """Groups in which one account took over from another what that was refused or limited on."""
    of_kind = [("kind", "=", "failover")]
    shared = pq.read_table(out / "tables/shared_values.parquet", filters=of_kind)["value"].to_pylist()
    held = pq.read_table(out / "tables/account_values.parquet", filters=of_kind).to_pylist()
    return {group_of[row["account_id"]] for row in held if row["value"] in shared}


def test_every_group_is_expected_to_be_something() -> None:
    for name in names():
        story = Story.read(name)
        assert set(story.found) | set(story.cleared) | set(story.unsure) == set(story.groups), name
