"""Every candidate cluster judged: its reasons as rows, its findings, its own templates.

Evidence is rows, written at the moment the score is computed and read by every view; nothing is derived again for display.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import pyarrow as pa

from stillwatch import tables
from stillwatch.campaigns.coordination import chance_reason, tie_reasons
from stillwatch.campaigns.harvest import own_templates, template_reasons
from stillwatch.campaigns.judgement import confidence, findings
from stillwatch.campaigns.observation import Compared, weigh
from stillwatch.campaigns.owners import owner_reasons
from stillwatch.campaigns.rates import RATES
from stillwatch.campaigns.response import release_reasons
from stillwatch.campaigns.sweeps import sweep_reasons
from stillwatch.campaigns.synchrony import synchrony
from stillwatch.config import Config
from stillwatch.evidence import FINDINGS, Reason

_COHESIVE = (
    "send a template whose users are tied by other things too",
    "a product's customers share its template; then its users have independent payers and devices",
)


def reasons(known: Mapping[str, pa.Table], words: Mapping[str, tuple[str, str]], config: Config) -> pa.Table:
    """Every reason for and against each candidate cluster, from the collected cluster tables (tables.REASONS)."""
    words = {**words, "cohesive_template": _COHESIVE}
    by_cluster = {
        name: grouped(known[name].sort_by([("cluster_id", "ascending"), (key, "ascending")]))  # engines give any order
        for name, key in (
            ("cluster_ties", "kind"),
            ("cluster_templates", "template_id"),
            ("release_response", "new_model"),
            ("sweeps", "begins"),
        )
    }
    features = {(row["cluster_id"], row["rate"]): row for row in known["cluster_features"].to_pylist()}
    owners = {row["cluster_id"]: row for row in known["cluster_owners"].to_pylist()}
    elsewhere = {row["kind"]: row for row in known["tied_elsewhere"].to_pylist()}
    exchanges = {row["cluster_id"]: row["exchanges"] for row in known["cluster_totals"].to_pylist()}
    together = _synchrony(known, config)
    rows = []
    for cluster_id, row in known_clusters(known["clusters"], config).items():
        members, settings = row["cluster_accounts"], config.campaigns
        ties = tie_reasons(cluster_id, members, by_cluster["cluster_ties"][cluster_id], elsewhere, words, settings)
        own = own_templates(by_cluster["cluster_templates"][cluster_id], settings)
        found = [
            chance_reason(cluster_id, row["cluster_bits"], row["chance_p"], config.clusters.shuffles, settings),
            *ties,
            *together.get(cluster_id, []),
            *template_reasons(cluster_id, members, exchanges.get(cluster_id, 0), own, settings),
            *_rate_reasons(cluster_id, features, config),
            *release_reasons(by_cluster["release_response"][cluster_id], settings),
            *sweep_reasons(by_cluster["sweeps"][cluster_id], config.campaigns),
            *owner_reasons(cluster_id, owners[cluster_id], [*ties, *together.get(cluster_id, [])], settings),
        ]
        rows += [{"cluster_id": cluster_id, **asdict(reason)} for reason in found]
    return pa.Table.from_pylist(rows, schema=tables.REASONS.schema)


def own(cluster_templates: pa.Table, config: Config) -> pa.Table:
    """Which templates are which cluster's own (tables.OWN_TEMPLATES)."""
    rows = [
        {
            "cluster_id": cluster_id,
            "field": one["field"],
            "template_id": one["template_id"],
            "share": one["exchanges"] / one["all_exchanges"],
        }
        for cluster_id, templates in sorted(grouped(cluster_templates).items())
        for one in own_templates(templates, config.campaigns)
    ]
    return pa.Table.from_pylist(rows, schema=tables.OWN_TEMPLATES.schema)


def judged(reasons: pa.Table, clusters: pa.Table, config: Config) -> pa.Table:
    """Findings and confidence of each candidate cluster, from its reasons alone (tables.JUDGED)."""
    by_cluster = grouped(reasons)
    rows = []
    for cluster_id, row in known_clusters(clusters, config).items():
        found = findings(reasons_of(by_cluster[cluster_id]), config.campaigns)
        rows.append(
            {
                "cluster_id": cluster_id,
                "accounts": row["cluster_accounts"],
                **{name: found[name].score for name in FINDINGS},
                "confidence": confidence(found, config.campaigns),
                "chance_p": row["chance_p"],
            }
        )
    return pa.Table.from_pylist(rows, schema=tables.JUDGED.schema)


def known_clusters(clusters: pa.Table, config: Config) -> dict[str, dict[str, Any]]:
    """The candidates: clusters of enough accounts, one row each."""
    distinct = clusters.group_by(["cluster_id", "cluster_accounts", "cluster_bits", "chance_p"]).aggregate([])
    return {
        row["cluster_id"]: row
        for row in distinct.sort_by("cluster_id").to_pylist()
        if row["cluster_accounts"] >= config.campaigns.min_accounts
    }


def reasons_of(rows: list[dict[str, Any]]) -> list[Reason]:
    """Rows of the reasons table, as reasons again."""
    names = {field.name for field in fields(Reason)}
    return [Reason(**{key: value for key, value in row.items() if key in names}) for row in rows]


def grouped(table: pa.Table) -> defaultdict[str, list[dict[str, Any]]]:
    """The rows of each cluster; none for a cluster that has none."""
    grouped: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in table.to_pylist():
        grouped[row["cluster_id"]].append(row)
    return grouped


def _rate_reasons(
    cluster_id: str, features: Mapping[tuple[str, str], Mapping[str, Any]], config: Config
) -> list[Reason]:
    weighed = []
    for rate in RATES:
        inside, outside = features.get((cluster_id, rate.column)), features.get(("", rate.column))
        if inside is None or outside is None:
            continue  # not logged, or nobody is outside: nothing to compare with, and no innocence in that
        compared = Compared(inside["mean"], outside["mean"], outside["spread"], inside["accounts"])
        weighed.append(weigh(rate, compared, cluster_id, config.campaigns))
    return [reason for reason in weighed if reason is not None]


def _synchrony(known: Mapping[str, pa.Table], config: Config) -> dict[str, list[Reason]]:
    """Test every cluster whose members' hours were sampled (tables.CLUSTER_HOURS)."""
    hours = known["cluster_hours"]
    if len(hours) == 0:
        return {}
    hour = hours["hour"].to_numpy().astype("datetime64[h]").astype(np.int64)
    first_day = hour.min() // 24
    n_days = int(hour.max() // 24 - first_day + 1)
    if n_days < config.campaigns.min_days:
        return {}
    slot = hour - first_day * 24
    weekday = int((first_day + 3) % 7)  # day 0 of the epoch was a Thursday
    everybody = np.zeros(n_days * 24)
    cluster = np.asarray(hours["cluster_id"].to_pylist())
    ordinary = cluster == ""
    np.add.at(everybody, slot[ordinary], hours["accounts"].to_numpy()[ordinary])
    account = np.asarray(hours["account_id"].to_pylist())
    result = {}
    for cluster_id in np.unique(cluster[~ordinary]):
        mine = cluster == cluster_id
        names, row = np.unique(account[mine], return_inverse=True)
        if len(names) < config.campaigns.min_accounts:
            continue
        active = np.zeros((len(names), n_days * 24))
        active[row, slot[mine]] = 1
        excess, p_value = synchrony(active, everybody, weekday, config.campaigns, config.seed)
        if excess >= config.campaigns.min_excess and p_value <= 1 / config.campaigns.synchrony_shuffles:
            result[str(cluster_id)] = [
                Reason(
                    code="synchrony",
                    text=(
                        f"{len(names):,} members work and rest together: common activity is {excess:.1f} times what their "
                        "own days, shuffled, would give"
                    ),
                    weight=min(config.campaigns.cap_bits, 2 * float(np.log2(excess))),
                    innocent_explanation="lessons, one firm's business hours, or a scheduled job",
                    finding="coordination",
                    query="",
                    value=excess,
                    p_value=p_value,
                )
            ]
    return result
