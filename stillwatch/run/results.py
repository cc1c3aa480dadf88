"""Writes the result folder: accounts.parquet, exchanges.parquet, links.parquet, campaigns.json, report.html."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.campaigns.document import document, instant, near_miss
from stillwatch.campaigns.judged import grouped, reasons_of
from stillwatch.config import Config
from stillwatch.engines.duckdb import DuckDB
from stillwatch.evidence import ELICITATIONS, Report
from stillwatch.indicators import attribution
from stillwatch.readers import Log
from stillwatch.registered import contradictions
from stillwatch.render.html import report_html
from stillwatch.render.json import campaigns_json
from stillwatch.run.progress import Timings
from stillwatch.run.rejected import Rejected
from stillwatch.run.shown import skeletons
from stillwatch.run.standings import standings
from stillwatch.run.weaknesses import weaknesses

_NEAR_MISSES = 12  # clusters told of as looked at and cleared, the most alarming first


def write_results(
    engine: DuckDB,
    log: Log,
    given: set[str],
    rejected: Rejected,
    out: Path,
    config: Config,
    timings: Timings,
) -> Report:
    """Everything the contract lists, from the stored tables; returns the document."""
    judged = _by_cluster(engine, "judged")
    reasons = {cluster: reasons_of(rows) for cluster, rows in _grouped(engine, "reasons").items()}
    campaigns = {
        cluster: _campaign_id(engine, cluster)
        for cluster, row in judged.items()
        if row["confidence"] >= config.standing.campaign_score
    }
    standing = standings(engine, judged, reasons, campaigns, config)
    pq.write_table(standing, out / "accounts.parquet", compression="zstd")
    _write_exchanges(engine, campaigns, out)
    engine.query(
        f"COPY (SELECT account_a, account_b, kind, weight, value_pseudonym FROM '{engine.path('links')}') "
        f"TO '{out / 'links.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
    )
    known = _known(engine, standing, campaigns)
    own = {row["template_id"]: row["field"] for cluster in campaigns for row in known[cluster]["templates"]}
    shown = skeletons(engine, log, own)
    detected_at = datetime.now(UTC)
    documents = [
        document(
            name,
            {**known[cluster], "judged": judged[cluster], "skeletons": shown},
            reasons[cluster],
            detected_at,
            config,
        )
        for cluster, name in campaigns.items()
    ]
    documents.sort(key=lambda one: (-one.confidence, -one.accounts, one.campaign_id))
    totals = {row["cluster_id"]: row for row in engine.collect(engine.table("cluster_totals")).to_pylist()}
    misses = sorted(
        (row for cluster, row in judged.items() if cluster not in campaigns),
        key=lambda row: (-row["confidence"], -row["coordination"], -row["accounts"], row["cluster_id"]),
    )
    first, last, exchanges = engine.query(
        f"SELECT min(first_seen), max(last_seen), sum(exchanges)::BIGINT FROM '{engine.path('accounts')}'"
    )[0]
    verdicts = Counter(standing["verdict"].to_pylist())
    seen = pq.read_table(
        engine.path("accounts"), columns=["account_id", "first_seen", "last_seen"], filters=pc.field("exchanges") > 0
    )
    disputed = contradictions(pq.read_table(engine.path("registered")), seen).sentences if "accounts" in given else []
    report = Report(
        window={"from": instant(first), "to": instant(last)},
        campaigns=documents,
        totals={
            "exchanges": exchanges or 0,
            "accounts": standing.num_rows,
            "rejected": rejected.count,
            "reject_reasons": dict(rejected.reasons.most_common(20)),
            "verdicts": {name: verdicts.get(name, 0) for name in ("clear", "watch", "campaign")},
            "stages": list(timings.stages),
        },
        weaknesses=[*weaknesses(log, given), *disputed],
        releases=[
            {"model": row["model"], "released_at": instant(row["released_at"])}
            for row in engine.collect(engine.table("releases")).to_pylist()
        ],
        near_misses=[
            near_miss({"judged": row, "totals": totals[row["cluster_id"]]}, reasons[row["cluster_id"]])
            for row in misses[:_NEAR_MISSES]
        ],
    )
    (out / "campaigns.json").write_bytes(campaigns_json(report))
    (out / "report.html").write_text(report_html(report), encoding="utf-8")
    return report


def write_link_results(engine: DuckDB, out: Path, config: Config) -> Report:
    """OUT/links.parquet and OUT/clusters.parquet; the score is even odds for ties that just count, and grows by their bits."""
    engine.query(
        f"COPY (SELECT account_a, account_b, kind, weight, value_pseudonym FROM '{engine.path('links')}') "
        f"TO '{out / 'links.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
    )
    engine.query(
        f"COPY (SELECT account_id, cluster_id, (1 - pow(2, {config.links.min_bits} - 1 - tie_bits / partners)) "
        "* (1 - chance_p) * (1 - pow(2, 1 - cluster_accounts)) AS score "
        f"FROM '{engine.path('clusters')}' WHERE partners > 0) "
        f"TO '{out / 'clusters.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
    )
    links, accounts, clusters, largest = engine.query(
        f"SELECT (SELECT count(*) FROM '{engine.path('links')}'), count(*), count(DISTINCT cluster_id), "
        f"coalesce(max(cluster_accounts), 0) FROM '{engine.path('clusters')}'"
    )[0]
    totals = {"links": links, "accounts": accounts, "clusters": clusters, "largest": largest}
    return Report(window={"from": "", "to": ""}, campaigns=[], totals=totals)


def _write_exchanges(engine: DuckDB, campaigns: Mapping[str, str], out: Path) -> None:
    names = pa.table({"cluster_id": list(campaigns), "campaign_id": list(campaigns.values())}, schema=pa.schema(
        [("cluster_id", pa.string()), ("campaign_id", pa.string())]))  # fmt: skip
    engine.put("campaign_names", names)
    engine.query(
        "COPY (SELECT exchange_id, account_id, campaign_id, h.score, capability, template_id "
        f"FROM '{engine.path('harvest')}' AS h JOIN '{engine.path('campaign_names')}' USING (cluster_id) "
        f"JOIN '{out / 'accounts.parquet'}' USING (account_id, campaign_id)) "
        f"TO '{out / 'exchanges.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
    )


def _known(engine: DuckDB, standing: pa.Table, campaigns: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The rows each campaign's document is written from."""
    totals = _by_cluster(engine, "cluster_totals")
    days, templates, releases = (
        _grouped(engine, name) for name in ("cluster_days", "cluster_templates", "cluster_releases")
    )
    own = {(row["cluster_id"], row["template_id"]) for row in engine.collect(engine.table("own_templates")).to_pylist()}
    bits = ", ".join(f"avg((elicitation // {2**bit}) % 2) AS {name}" for bit, name in enumerate(ELICITATIONS))
    elicited = {
        row[0]: dict(zip(ELICITATIONS, (float(share or 0) for share in row[1:]), strict=True))
        for row in engine.query(f"SELECT cluster_id, {bits} FROM '{engine.path('harvest')}' GROUP BY 1")
    }
    taken: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for cluster, capability, count in engine.query(
        f"SELECT cluster_id, capability, count(*) FROM '{engine.path('harvest')}' GROUP BY 1, 2"
    ):
        taken[cluster].append({"capability": capability, "exchanges": count})
    matches = defaultdict(list)
    for row in engine.query_rows(
        f"SELECT cluster_id, m.* FROM '{engine.path('indicator_matches')}' m "
        f"JOIN '{engine.path('clusters')}' USING (account_id) ORDER BY ALL"
    ):
        matches[row["cluster_id"]].append(row)
    roles: dict[str, Counter[str]] = defaultdict(Counter)
    for name, role in zip(standing["campaign_id"].to_pylist(), standing["role"].to_pylist(), strict=True):
        if name is not None:
            roles[name][role] += 1
    return {
        cluster: {
            "accounts": sum(roles[name].values()),
            "totals": totals[cluster],
            "taken": taken[cluster],
            "elicitation": elicited.get(cluster, dict.fromkeys(ELICITATIONS, 0.0)),
            "days": days[cluster],
            "templates": sorted(
                (row for row in templates[cluster] if (cluster, row["template_id"]) in own),
                key=lambda row: (-row["exchanges"], row["template_id"]),
            ),
            "releases": releases[cluster],
            "successors": _successors(engine, cluster),
            "attribution": attribution(matches[cluster]),
            "roles": dict(roles[name]),
        }
        for cluster, name in campaigns.items()
    }


def _successors(engine: DuckDB, cluster: str) -> list[dict[str, str]]:
    rows = engine.query(
        f"SELECT DISTINCT ON (s.account_id) split_part(s.value, '/', 1), s.account_id, split_part(s.value, '/', 2) "
        f"FROM '{engine.path('account_values')}' s JOIN '{engine.path('clusters')}' c ON c.account_id = s.account_id "
        f"JOIN '{engine.path('shared_values')}' v ON v.kind = s.kind AND v.value = s.value AND NOT v.crowded "
        f"WHERE s.kind = 'succession' AND c.cluster_id = '{cluster}' AND s.account_id <> split_part(s.value, '/', 1) "
        "ORDER BY s.account_id, s.value"
    )
    return [
        {"banned_account": gone, "account": account, "evidence": f"took over template {template} within two days"}
        for gone, account, template in rows
    ]


def _campaign_id(engine: DuckDB, cluster: str) -> str:
    """A name that depends on the members alone: the same campaign in two scans of one log has one name."""
    smallest = engine.query(f"SELECT min(account_id) FROM '{engine.path('clusters')}' WHERE cluster_id = '{cluster}'")
    return "C-" + hashlib.blake2b(smallest[0][0].encode(), digest_size=4).hexdigest()


def _grouped(engine: DuckDB, name: str) -> defaultdict[str, list[dict[str, Any]]]:
    return grouped(engine.collect(engine.table(name)))


def _by_cluster(engine: DuckDB, name: str) -> dict[str, dict[str, Any]]:
    return {row["cluster_id"]: row for row in engine.collect(engine.table(name)).to_pylist()}
