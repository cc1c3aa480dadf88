"""OUT/templates.parquet: by what a text is told to be made from a campaign's own template, without the log.

Templates of others are in it too: a text is of the template of which it has most, and whoever knew only the campaigns' own
would take a text for theirs that a scan gives to somebody else (on made worlds, one in 8,000 of those that it would find).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.engines import Engine
from stillwatch.uses import with_settings

MOST_OF_CAMPAIGN = 2_500  # fingerprints: its most used templates; made campaigns have up to 33 with 220
MOST = 250_000  # fingerprints in all: a guard holds them in 8 MiB; a made world of 460,000 exchanges has 2,100


def result_templates(engine: Engine, campaigns: Mapping[str, str], at: datetime, config: Config) -> pa.Table:
    """RESULT_TEMPLATES of prompts: own ones of these campaigns (cluster → name), then others', most seen first."""
    found = engine.collect(engine.table("templates").filter(lambda t: t.field == "prompt")).combine_chunks()
    names, sizes = found["template_id"].to_pylist(), pc.list_value_length(found["shingles"]).to_numpy()
    size = dict(zip(names, sizes.tolist(), strict=True))
    owner = _owners(engine, campaigns, size)
    own = np.array([name in owner for name in names], np.bool_)
    order = np.lexsort((names, -found["sampled_documents"].to_numpy(), ~own))
    kept = order[np.cumsum(sizes[order]) <= MOST]
    told = found.take(pa.array(kept)).sort_by("template_id")  # as in a scan: of two that fit as well it takes the first
    columns = {
        "at": pa.repeat(pa.scalar(at, tables.INSTANT), len(told)),
        "campaign_id": pa.array([owner.get(name) for name in told["template_id"].to_pylist()], pa.string()),
    }
    schema = tables.RESULT_TEMPLATES.schema
    made = pa.table(
        [columns.get(name, told[name] if name in told.column_names else None) for name in schema.names], schema
    )
    return with_settings(made, config.text, config.templates)


def _owners(engine: Engine, campaigns: Mapping[str, str], size: Mapping[str, int]) -> dict[str, str]:
    """The campaign of each template that is one's own, its most used ones as far as there is room."""
    own = engine.table("own_templates").select("cluster_id", "template_id")
    used = engine.table("cluster_templates").select("cluster_id", "template_id", "exchanges")
    rows = engine.collect(own.join(used, ["cluster_id", "template_id"])).to_pylist()
    owner: dict[str, str] = {}
    room = dict.fromkeys(campaigns, MOST_OF_CAMPAIGN)
    for row in sorted(rows, key=lambda one: (-one["exchanges"], one["template_id"])):
        cluster, name = row["cluster_id"], row["template_id"]
        if cluster in room and name in size and size[name] <= room[cluster]:
            room[cluster] -= size[name]
            owner[name] = campaigns[cluster]
    return owner
