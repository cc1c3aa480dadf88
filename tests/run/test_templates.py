"""templates.parquet: whose own each template of a result is, and how much of it is written down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch import tables
from stillwatch.campaigns.lineage import Lineage
from stillwatch.config import Config
from stillwatch.run import templates as bounds
from stillwatch.run.history import History
from stillwatch.run.templates import result_templates
from stillwatch.uses import settings_of, with_settings

AT = datetime(2026, 2, 2, tzinfo=UTC)
ROOM, ALL_ROOM = bounds.MOST_OF_CAMPAIGN, bounds.MOST


def template(name: str, size: int = 3, field: str = "prompt", sampled: int = 20) -> dict[str, Any]:
    return {
        "template_id": name, "field": field, "shingles": list(range(size)), "usual_shingles": float(size),
        "sampled_documents": sampled, "sampled_accounts": 9,
    }  # fmt: skip


def written(engine: Any, found: list[dict[str, Any]], own: list[tuple[str, str, int]]) -> dict[str, str | None]:
    """The campaign of each template that is written down; `own` are cluster, template and exchanges."""
    put = engine.inner.put
    put("templates", tables_of(tables.TEMPLATES, found))
    put("own_templates", tables_of(tables.OWN_TEMPLATES, [
        {"cluster_id": cluster, "field": "prompt", "template_id": name, "share": 1.0} for cluster, name, _ in own
    ]))  # fmt: skip
    put("cluster_templates", tables_of(tables.CLUSTER_TEMPLATES, [
        {"cluster_id": cluster, "field": "prompt", "template_id": name, "exchanges": used} for cluster, name, used in own
    ]))  # fmt: skip
    made = result_templates(engine.inner, {"G-1": "C-1", "G-2": "C-2"}, AT, Config())
    assert made.schema.equals(tables.RESULT_TEMPLATES.schema) and settings_of(made) == (
        Config().text,
        Config().templates,
    )
    assert set(made["at"].to_pylist()) <= {AT}
    in_order = [row["template_id"] for row in found if row["template_id"] in made["template_id"].to_pylist()]
    assert made["template_id"].to_pylist() == in_order, "of two that fit as well, a scan takes the first"
    return dict(zip(made["template_id"].to_pylist(), made["campaign_id"].to_pylist(), strict=True))


def tables_of(declared: tables.Table, rows: list[dict[str, Any]]) -> Any:
    return pa.Table.from_pylist(rows, schema=pa.schema([(one.name, one.type) for one in declared.columns]))


@pytest.mark.parametrize(
    ("found", "own", "told"),
    [
        ([], [], {}),
        ([template("T-a"), template("T-b")], [("G-1", "T-b", 5)], {"T-a": None, "T-b": "C-1"}),
        ([template("T-a"), template("T-s", field="system")], [("G-1", "T-s", 5)], {"T-a": None}),
        ([template("T-a")], [("G-3", "T-a", 5)], {"T-a": None}),  # of a group that is no campaign
        (
            [template("T-a", ROOM), template("T-b", 1), template("T-c", ROOM)],
            [("G-1", "T-a", 7), ("G-1", "T-b", 9), ("G-2", "T-c", 1)],
            {"T-a": None, "T-b": "C-1", "T-c": "C-2"},  # C-1's most used one leaves no room for the other
        ),
        (
            [template("T-a", ALL_ROOM - 3, sampled=20), template("T-b", 3), template("T-c", 1, sampled=19)],
            [("G-1", "T-b", 1)],
            {"T-a": None, "T-b": "C-1"},  # the most seen of others, as far as there is room
        ),
    ],
)
def test_what_is_written_down(engine: Any, found: Any, own: Any, told: dict[str, str | None]) -> None:
    assert written(engine, found, own) == told


def test_campaigns_have_the_names_that_they_keep() -> None:
    kept = Lineage("C-first", AT, frozenset("a"), 1, AT, found_as="C-now")
    rows = [{"at": AT, "campaign_id": name, "template_id": "T", "field": "prompt", "shingles": [1], "usual_shingles": 1.0}
            for name in ("C-now", None)]  # fmt: skip
    look = with_settings(tables_of(tables.RESULT_TEMPLATES, rows), Config().text, Config().templates)
    renamed = History([kept], {}).renamed_own(look)
    assert renamed["campaign_id"].to_pylist() == ["C-first", None]
    assert settings_of(renamed) == (Config().text, Config().templates)


def test_of_a_scan(ring: Any) -> None:
    rows = pq.read_table(ring.out / "templates.parquet").to_pylist()
    (campaign,) = ring.outcome.report.campaigns
    own = {one.template_id for one in campaign.templates}
    assert own and {row["template_id"] for row in rows if row["campaign_id"] == campaign.campaign_id} == own
    assert {row["campaign_id"] for row in rows} == {campaign.campaign_id, None}
