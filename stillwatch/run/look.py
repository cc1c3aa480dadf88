"""One look: everything that is in `signals` by an instant, scanned, and who is found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from stillwatch import tables
from stillwatch.campaigns.alarm import alarm_bits
from stillwatch.evidence import FINDINGS
from stillwatch.flow import FLOW, TEMPLATES
from stillwatch.run.begun import Run
from stillwatch.run.progress import Silent, Timings
from stillwatch.run.rejected import Rejected
from stillwatch.run.results import Verdicts, verdicts
from stillwatch.run.scan import recognise
from stillwatch.run.sides import store_sides
from stillwatch.run.stages import run_stages
from stillwatch.run.templates import result_templates

TRAITS = pa.schema(  # by which a campaign is told again
    [
        ("campaign_id", pa.string()),
        ("last_harvest", tables.INSTANT),
        ("marks", pa.list_(pa.int64())),  # fingerprints of its own templates
    ]
)


@dataclass(frozen=True)
class Look:
    """What was found at an instant; campaigns are named as this look alone would."""

    found: pa.Table  # RESULT_REPLAY
    watched: pa.Table  # RESULT_WATCHED
    groups: pa.Table  # RESULT_GROUPS
    traits: pa.Table  # TRAITS
    templates: pa.Table  # RESULT_TEMPLATES
    given: set[str]  # side tables that there are


def look(run: Run, at: datetime, rejected: Rejected) -> Look:
    """Run the flow as of `at`."""
    quiet = replace(run, timings=Timings(Silent()))  # one line a look, not one a stage
    sides = store_sides(run.passes, run.engine, run.keys, rejected, at, past=True)
    run_stages(TEMPLATES, run.engine, run.config, quiet.timings, run.ledger)
    recognise(quiet, run.engine.rows(tables.SIGNALS.name))
    run_stages(FLOW, run.engine, run.config, quiet.timings, run.ledger)
    found = verdicts(run.engine, run.config)
    bits = {cluster: alarm_bits(row, run.config.campaigns) for cluster, row in found.judged.items()}
    watched = _watched(found.standing, at)
    groups, traits = _groups(found, bits, at), _traits(run, found)
    templates = result_templates(run.engine, found.campaigns, at, run.config)
    return Look(_accused(run, found, bits, at), watched, groups, traits, templates, sides.given)


def _traits(run: Run, found: Verdicts) -> pa.Table:
    engine = run.engine
    own = engine.table("own_templates").select("cluster_id", "template_id")
    words = engine.table("templates").select("template_id", "shingles").join(own, "template_id")
    marks: defaultdict[str, set[int]] = defaultdict(set)
    for row in engine.collect(words.select("cluster_id", "shingles")).to_pylist():
        marks[row["cluster_id"]].update(row["shingles"])
    last = engine.collect(engine.table("harvest").group_by("cluster_id").agg(last=_.timestamp.max())).to_pylist()
    until = {row["cluster_id"]: row["last"] for row in last}
    rows = [
        {"campaign_id": name, "last_harvest": until.get(cluster), "marks": sorted(marks[cluster])}
        for cluster, name in found.campaigns.items()
    ]
    return pa.Table.from_pylist(rows, schema=TRAITS)


def _groups(found: Verdicts, bits: Mapping[str, float], at: datetime) -> pa.Table:
    rows = [
        {
            "at": at,
            "group_id": found.names[cluster],
            "accounts": row["accounts"],
            "confidence": row["confidence"],
            "alarm_bits": bits[cluster],
        }
        for cluster, row in found.judged.items()
    ]
    return pa.Table.from_pylist(rows, schema=tables.RESULT_GROUPS.schema)


def _accused(run: Run, found: Verdicts, bits: Mapping[str, float], at: datetime) -> pa.Table:
    accused = found.standing.filter(pc.is_valid(found.standing["campaign_id"]))
    judged = {name: found.judged[cluster] for cluster, name in found.campaigns.items()}
    of_campaign = {name: bits[cluster] for cluster, name in found.campaigns.items()}
    members = run.engine.collect(run.engine.table("members").select("account_id", "harvested"))
    harvested = dict(zip(members["account_id"].to_pylist(), members["harvested"].to_pylist(), strict=True))
    accounts, campaigns = accused["account_id"].to_pylist(), accused["campaign_id"].to_pylist()
    return pa.table(
        {
            "at": pa.repeat(pa.scalar(at, tables.INSTANT), len(accused)),
            "campaign_id": campaigns,
            "account_id": accounts,
            "score": accused["score"],
            "confidence": [judged[name]["confidence"] for name in campaigns],
            "alarm_bits": [of_campaign[name] for name in campaigns],
            "harvested": [harvested[account] for account in accounts],
            "role": accused["role"],
            **{finding: [judged[name][finding] for name in campaigns] for finding in FINDINGS},
            "since": pa.nulls(len(accused), tables.INSTANT),  # what one look alone does not know
        },
        schema=tables.RESULT_REPLAY.schema,
    )


def _watched(standing: pa.Table, at: datetime) -> pa.Table:
    watched = standing.filter(pc.equal(standing["verdict"], "watch"))
    instants = pa.repeat(pa.scalar(at, tables.INSTANT), len(watched))
    return pa.table([instants, watched["account_id"], watched["score"]], schema=tables.RESULT_WATCHED.schema)
