"""Writes the result folder: accounts.parquet, exchanges.parquet, links.parquet, campaigns.json, report.html."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from ibis import _

from stillwatch import tables
from stillwatch.campaigns.document import document, instant, near_miss
from stillwatch.campaigns.judged import reasons_of
from stillwatch.config import Config
from stillwatch.engines import Engine
from stillwatch.evidence import Reason, Report
from stillwatch.registered import contradictions
from stillwatch.render.html import report_html
from stillwatch.render.json import campaigns_json
from stillwatch.run.history import History
from stillwatch.run.known import (
    by_cluster,
    by_clusters,
    campaign_names,
    collected,
    inert_indicators,
    known,
    uncovered_sweeps,
)
from stillwatch.run.passes import Passes
from stillwatch.run.progress import Timings
from stillwatch.run.rejected import Rejected
from stillwatch.run.shown import skeletons
from stillwatch.run.standings import standings
from stillwatch.run.templates import result_templates
from stillwatch.run.weaknesses import weaknesses

LN2 = math.log(2)
_LINKS = pa.schema(
    [tables.LINKS.schema.field(name) for name in ("account_a", "account_b", "kind", "weight", "value_pseudonym")]
)
_LINKED = pa.schema([("account_id", pa.string()), ("cluster_id", pa.string()), ("score", pa.float64())])
_MEMBERS = "campaign_accounts"  # put for one join, then dropped
_NEAR_MISSES = 12  # clusters told of as looked at and cleared, the most alarming first


@dataclass(frozen=True)
class Verdicts:
    """What the stored tables say of every cluster and account."""

    judged: dict[str, dict[str, Any]]  # by cluster
    reasons: dict[str, list[Reason]]  # by cluster
    names: dict[str, str]  # by cluster
    campaigns: dict[str, str]  # clusters that are campaigns, and their names
    standing: pa.Table  # RESULT_ACCOUNTS


def verdicts(engine: Engine, config: Config, kept: Mapping[str, str] | None = None) -> Verdicts:
    """Who stands where; `kept` has the names that campaigns keep, by those that their accounts give them now."""
    judged = by_cluster(engine, "judged")
    reasons = {cluster: reasons_of(rows) for cluster, rows in by_clusters(engine, "reasons").items()}
    names = campaign_names(engine)
    campaigns = {
        cluster: (kept or {}).get(names[cluster], names[cluster])
        for cluster, row in judged.items()
        if row["confidence"] >= config.standing.campaign_score
    }
    return Verdicts(judged, reasons, names, campaigns, standings(engine, judged, reasons, campaigns, config))


def write_results(
    engine: Engine,
    passes: Passes,
    given: set[str],
    rejected: Rejected,
    out: Path,
    config: Config,
    timings: Timings,
    history: History | None = None,
) -> tuple[Report, str]:
    """Everything the contract lists, from the stored tables; returns the document, and where its exchanges are.

    With a history, campaigns keep their names and are detected when they were first found.
    """
    found = verdicts(engine, config, None if history is None else history.names())
    judged, reasons, campaigns, standing = found.judged, found.reasons, found.campaigns, found.standing
    detections = {} if history is None else history.detections(engine, standing)
    pq.write_table(standing, out / "accounts.parquet", compression="zstd")
    exchanges_at = _write_exchanges(engine, standing, out)
    _write_links(engine, out)
    facts = known(engine, standing, campaigns)
    own = {row["template_id"]: row["field"] for cluster in campaigns for row in facts[cluster]["templates"]}
    shown = skeletons(engine, passes, own)
    now = datetime.now(UTC)
    documents = []
    for cluster, name in campaigns.items():
        detected_at, detection = detections.get(name, (now, None))
        rows = {**facts[cluster], "judged": judged[cluster], "skeletons": shown, "detection": detection}
        documents.append(document(name, rows, reasons[cluster], detected_at, config))
    documents.sort(key=lambda one: (-one.confidence, -one.accounts, one.campaign_id))
    totals = by_cluster(engine, "cluster_totals")
    misses = sorted(
        (row for cluster, row in judged.items() if cluster not in campaigns),
        key=lambda row: (-row["confidence"], -row["coordination"], -row["accounts"], row["cluster_id"]),
    )
    accounts = engine.table("accounts")
    window = next(
        collected(engine, accounts.agg(first=_.first_seen.min(), last=_.last_seen.max(), exchanges=_.exchanges.sum()))
    )
    if history is None:  # who has looks behind him writes down those of each
        own = result_templates(engine, campaigns, window["last"], config)
        pq.write_table(own, out / "templates.parquet", compression="zstd")
    told = Counter(standing["verdict"].to_pylist())
    disputed = _disputed(engine) if "accounts" in given else []
    report = Report(
        window={"from": instant(window["first"]), "to": instant(window["last"])},
        campaigns=documents,
        totals={
            "exchanges": int(window["exchanges"] or 0),
            "accounts": standing.num_rows,
            "rejected": rejected.count,
            "reject_reasons": dict(rejected.reasons.most_common(20)),
            **({"passed_over": dict(rejected.passed.most_common(20))} if rejected.passed else {}),
            "verdicts": {name: told.get(name, 0) for name in ("clear", "watch", "campaign")},
            "stages": list(timings.stages),
        },
        weaknesses=[*weaknesses(passes.present, given), *disputed, *inert_indicators(engine)],
        releases=[
            {"model": row["model"], "released_at": instant(row["released_at"])}
            for row in collected(engine, engine.table("releases").order_by("released_at", "model"))
        ],
        near_misses=[
            near_miss({"judged": row, "totals": totals[row["cluster_id"]]}, reasons[row["cluster_id"]])
            for row in misses[:_NEAR_MISSES]
        ],
        sweeps=uncovered_sweeps(engine, campaigns, config.campaigns.min_accounts),
    )
    (out / "campaigns.json").write_bytes(campaigns_json(report))
    (out / "report.html").write_text(report_html(report), encoding="utf-8")
    return report, exchanges_at


def write_link_results(engine: Engine, out: Path, config: Config) -> Report:
    """OUT/links.parquet and OUT/clusters.parquet; the score is even odds for ties that just count, and grows by their bits."""
    _write_links(engine, out)
    clusters = engine.table("clusters")
    scored = clusters.filter(clusters.partners > 0).select(
        "account_id",
        "cluster_id",
        score=(1 - _half(clusters.tie_bits / clusters.partners + (1 - config.links.min_bits)))
        * (1 - clusters.chance_p)
        * (1 - _half(clusters.cluster_accounts - 1)),
    )
    engine.export("clusters", scored, _LINKED, out)
    counted = clusters.agg(
        accounts=_.count(),
        clusters=_.cluster_id.nunique(),
        largest=_.cluster_accounts.max().fill_null(0),
    )
    totals = {"links": engine.rows("links"), **next(collected(engine, counted))}
    return Report(window={"from": "", "to": ""}, campaigns=[], totals=totals)


def _disputed(engine: Engine) -> list[str]:
    """What the account table says against the exchanges, in sentences."""
    accounts = engine.table("accounts")
    seen = accounts.filter(accounts.exchanges > 0).select("account_id", "first_seen", "last_seen")
    return contradictions(engine.collect(engine.table("registered")), engine.collect(seen)).sentences


def _half(times: ibis.Value) -> ibis.Value:
    """One half to that power."""
    return (times * -LN2).exp()


def _write_links(engine: Engine, out: Path) -> None:
    links = engine.table("links")
    engine.export("links", links.select(*_LINKS.names), _LINKS, out)


def _write_exchanges(engine: Engine, standing: pa.Table, out: Path) -> str:
    """Harvested exchanges of accounts that count to a campaign; every account is of one cluster, and so of one campaign."""
    members = standing.filter(pc.is_valid(standing["campaign_id"])).select(["account_id", "campaign_id"])
    engine.put(_MEMBERS, members)
    harvest = engine.table("harvest").join(engine.table(_MEMBERS), "account_id")
    at = engine.export("exchanges", harvest.select(*tables.RESULT_EXCHANGES.names), tables.RESULT_EXCHANGES.schema, out)
    engine.drop(_MEMBERS)
    return at
