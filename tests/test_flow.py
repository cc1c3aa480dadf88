"""The page: every stage reads what is there, makes what it declares, and each table has one maker."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from stillwatch import tables
from stillwatch.flow import FLOW, LINK_FLOW, TEMPLATES, Stage, checked

STORED = {"registered", "releases", "indicators", "declared", "evidence"}  # side tables, stored before the first stage


@pytest.mark.parametrize(
    "stages, there",
    [(TEMPLATES, {"signals"}), (FLOW, {"uses", *STORED})],
    ids=["templates", "flow"],
)
def test_a_stage_reads_only_what_was_made_before(stages: tuple[Stage, ...], there: set[str]) -> None:
    known = set(there)
    for stage in stages:
        assert set(stage.reads) <= known, f"{stage.makes.name} reads {set(stage.reads) - known}"
        assert stage.makes.name not in known, f"{stage.makes.name} is made twice"
        known.add(stage.makes.name)


def test_every_table_that_is_made_is_read_or_handed_out() -> None:
    read = {name for stage in (*TEMPLATES, *FLOW) for name in stage.reads}
    for_views = {"templates", "cluster_days", "own_templates", "judged", "members", "clusters", "links", "reasons",
                 "indicator_matches", "pivots", "successors", "turnover", "items"}  # fmt: skip
    unread = {stage.makes.name for stage in (*TEMPLATES, *FLOW)} - read - for_views
    assert not unread


def test_every_table_is_declared_once() -> None:
    names = [table.name for table in tables.ALL]
    assert len(set(names)) == len(names)
    for stage in (*TEMPLATES, *FLOW):
        assert stage.makes in tables.ALL and stage.doing


def test_linking_alone_needs_no_exchanges() -> None:
    made = {stage.makes.name for stage in LINK_FLOW}
    assert {"links", "clusters"} <= made
    assert not made & {stage.makes.name for stage in TEMPLATES}


def test_a_stage_that_breaks_its_promise_is_a_defect() -> None:
    stage = next(one for one in FLOW if one.makes is tables.CLUSTERS)
    checked(stage, tables.CLUSTERS.schema)
    with pytest.raises(AssertionError, match=r"BUG: clusters: stage did not return .*account_id"):
        checked(stage, pa.schema([("cluster_id", pa.string())]))
    with pytest.raises(AssertionError):
        checked(replace(stage, makes=tables.LINKS), tables.CLUSTERS.schema)
