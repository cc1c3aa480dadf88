"""The rows that a campaign's document is written from, asked of the engine: aggregated there, never exchange by exchange."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import pyarrow as pa
from ibis import _

from stillwatch.campaigns.document import sweep
from stillwatch.campaigns.judged import grouped
from stillwatch.campaigns.sweeps import sweep_query
from stillwatch.engines import Engine
from stillwatch.evidence import ELICITATIONS
from stillwatch.indicators import attribution

Rows = list[dict[str, Any]]


def known(engine: Engine, standing: pa.Table, campaigns: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Per campaign's cluster, all that its document says in numbers."""
    totals = by_cluster(engine, "cluster_totals")
    days, templates, releases, pivots, successors = (
        by_clusters(engine, name)
        for name in ("cluster_days", "cluster_templates", "release_response", "pivots", "successors")
    )
    own = {(row["cluster_id"], row["template_id"]) for row in collected(engine, engine.table("own_templates"))}
    sweeps = by_clusters(engine, "sweeps")
    elicited, taken = _elicited(engine), _taken(engine)
    matches, turnover = _matches(engine), by_cluster(engine, "turnover")
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
            "releases": sorted(releases[cluster], key=lambda row: (row["released_at"], row["new_model"])),
            "pivots": sorted(pivots[cluster], key=lambda row: row["at"]),
            "sweeps": sweeps[cluster],
            "successors": sorted(successors[cluster], key=lambda row: row["account"]),
            "turnover": turnover.get(cluster),
            "attribution": attribution(matches[cluster]),
            "roles": dict(roles[name]),
        }
        for cluster, name in campaigns.items()
    }


def uncovered_sweeps(engine: Engine, campaigns: Mapping[str, str], min_accounts: int) -> Rows:
    """Sweeps of techniques by groups that are no campaign, or by accounts in no group; the likeliest sweep first."""
    found = []
    for row in collected(engine, engine.table("sweeps").order_by("p_value", "cluster_id", "begins")):
        if row["cluster_id"] not in campaigns:
            group = f"a group that is no campaign ({row['cluster_id']})"
            found.append(
                {
                    **sweep(row),
                    "who": group if row["cluster_id"] else "accounts that nothing ties",
                    "query": sweep_query(row, min_accounts),
                }
            )
    return found


def campaign_names(engine: Engine) -> dict[str, str]:
    """Names that depend on the members alone: the same campaign in two scans of one log has one name."""
    first = engine.table("clusters").group_by("cluster_id").agg(account_id=_.account_id.min())
    return {
        row["cluster_id"]: "C-" + hashlib.blake2b(row["account_id"].encode(), digest_size=4).hexdigest()
        for row in collected(engine, first)
    }


def _elicited(engine: Engine) -> dict[str, dict[str, float]]:
    shares = engine.table("harvest").group_by("cluster_id").agg(
        **{name: ((_.elicitation // 2**bit) % 2).mean() for bit, name in enumerate(ELICITATIONS)}
    )  # fmt: skip
    return {
        row["cluster_id"]: {name: float(row[name] or 0) for name in ELICITATIONS} for row in collected(engine, shares)
    }


def _taken(engine: Engine) -> defaultdict[str, Rows]:
    counted = engine.table("harvest").group_by("cluster_id", "capability").agg(exchanges=_.count())
    return grouped(engine.collect(counted.order_by("cluster_id", "capability")))


def _matches(engine: Engine) -> defaultdict[str, Rows]:
    clusters = engine.table("clusters").select("account_id", "cluster_id")
    matches = engine.table("indicator_matches").filter(~_.inert).join(clusters, "account_id")
    return grouped(engine.collect(matches.order_by(*matches.columns)))


def inert_indicators(engine: Engine) -> list[str]:
    """A sentence on the values of others that count for nothing, where there are any."""
    values = engine.table("indicator_matches").filter(_.inert).select("type", "value").distinct()
    counted = collected(engine, values.group_by("type").agg(values=_.count()).order_by("type"))
    told = ", ".join(f"{row['values']:,} {row['type']}" for row in counted)
    if not told:
        return []
    return [f"Values that others told of and that a crowd or a declared organisation shows count for nothing: {told}."]


def collected(engine: Engine, expression: ibis.Table) -> Iterator[dict[str, Any]]:
    """The rows of a small answer."""
    yield from engine.collect(expression).to_pylist()


def by_clusters(engine: Engine, name: str) -> defaultdict[str, Rows]:
    """Rows of a table, by cluster."""
    return grouped(engine.collect(engine.table(name)))


def by_cluster(engine: Engine, name: str) -> dict[str, dict[str, Any]]:
    """The row of each cluster."""
    return {row["cluster_id"]: row for row in collected(engine, engine.table(name))}
