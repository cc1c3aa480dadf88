"""One look: everything that is in `signals` by an instant, scanned, and who is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.flow import FLOW, TEMPLATES
from stillwatch.run.begun import Run
from stillwatch.run.progress import Silent, Timings
from stillwatch.run.rejected import Rejected
from stillwatch.run.results import verdicts
from stillwatch.run.scan import recognise
from stillwatch.run.sides import store_sides
from stillwatch.run.stages import run_stages


def look(run: Run, at: datetime, rejected: Rejected) -> tuple[pa.Table, set[str]]:
    """Run the flow as of `at`: RESULT_REPLAY, campaigns named as this look alone would; and which side tables there are."""
    quiet = replace(run, timings=Timings(Silent()))  # one line a look, not one a stage
    sides = store_sides(run.passes, run.engine, run.keys, rejected, at, past=True)
    run_stages(TEMPLATES, run.engine, run.config, quiet.timings, run.ledger)
    recognise(quiet, run.engine.rows(tables.SIGNALS.name))
    run_stages(FLOW, run.engine, run.config, quiet.timings, run.ledger)
    return _accused(run, at), sides.given


def _accused(run: Run, at: datetime) -> pa.Table:
    """RESULT_REPLAY of the tables as they stand."""
    found = verdicts(run.engine, run.config)
    accused = found.standing.filter(pc.is_valid(found.standing["campaign_id"]))
    confidence = {name: found.judged[cluster]["confidence"] for cluster, name in found.campaigns.items()}
    members = run.engine.collect(run.engine.table("members").select("account_id", "harvested"))
    harvested = dict(zip(members["account_id"].to_pylist(), members["harvested"].to_pylist(), strict=True))
    accounts, campaigns = accused["account_id"].to_pylist(), accused["campaign_id"].to_pylist()
    return pa.table(
        {
            "at": pa.repeat(pa.scalar(at, tables.INSTANT), len(accused)),
            "campaign_id": campaigns,
            "account_id": accounts,
            "score": accused["score"],
            "confidence": [confidence[name] for name in campaigns],
            "harvested": [harvested[account] for account in accounts],
        },
        schema=tables.RESULT_REPLAY.schema,
    )
