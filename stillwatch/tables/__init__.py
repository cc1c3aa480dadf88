"""Every table and column: meaning, unit, nullability. The contract, in code; docs/tables.md is generated from here.

Log tables (`LOG_*`) are what a provider hands in, result tables (`RESULT_*`) what is handed out; the rest is what
stages make on the way. One file per part of the flow; a new table gets a line in `ALL`.
Hashes are signed 64- or 32-bit integers, because Spark has no unsigned ones.
"""

from __future__ import annotations

from stillwatch.tables.account import ACCOUNT_HOURS, ACCOUNT_PROMPTS, ACCOUNT_TEMPLATES, ACCOUNTS
from stillwatch.tables.cluster import (
    CLUSTER_DAYS,
    CLUSTER_FEATURES,
    CLUSTER_HOURS,
    CLUSTER_OWNERS,
    CLUSTER_RELEASES,
    CLUSTER_TEMPLATES,
    CLUSTER_TIES,
    CLUSTER_TOTALS,
    TIED_ELSEWHERE,
)
from stillwatch.tables.column import INSTANT, Column, Table
from stillwatch.tables.judgement import HARVEST, JUDGED, MEMBERS, OWN_TEMPLATES, REASONS
from stillwatch.tables.link import (
    ACCOUNT_VALUES,
    CANDIDATES,
    CLUSTERS,
    COHESIVE_TEMPLATES,
    HOLDERS,
    LINKS,
    SHARED_VALUES,
    TIES,
)
from stillwatch.tables.log import LOG_ACCOUNTS, LOG_DECLARED, LOG_EVIDENCE, LOG_EXCHANGES, LOG_INDICATORS, LOG_RELEASES
from stillwatch.tables.result import REASON, RESULT_ACCOUNTS, RESULT_EXCHANGES
from stillwatch.tables.text import DOCUMENTS, EXCHANGES, REGISTERED, SIGNALS, SPAN, TEMPLATES, USES

ALL: tuple[Table, ...] = (
    LOG_EXCHANGES,
    LOG_ACCOUNTS,
    LOG_RELEASES,
    LOG_INDICATORS,
    LOG_DECLARED,
    LOG_EVIDENCE,
    REGISTERED,
    EXCHANGES,
    SIGNALS,
    DOCUMENTS,
    TEMPLATES,
    USES,
    ACCOUNT_HOURS,
    ACCOUNT_PROMPTS,
    ACCOUNT_TEMPLATES,
    ACCOUNTS,
    ACCOUNT_VALUES,
    SHARED_VALUES,
    COHESIVE_TEMPLATES,
    LINKS,
    TIES,
    HOLDERS,
    CLUSTERS,
    CANDIDATES,
    CLUSTER_FEATURES,
    CLUSTER_HOURS,
    CLUSTER_TIES,
    TIED_ELSEWHERE,
    CLUSTER_TEMPLATES,
    CLUSTER_OWNERS,
    CLUSTER_DAYS,
    CLUSTER_TOTALS,
    CLUSTER_RELEASES,
    REASONS,
    JUDGED,
    OWN_TEMPLATES,
    HARVEST,
    MEMBERS,
    RESULT_ACCOUNTS,
    RESULT_EXCHANGES,
)

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_HOURS",
    "ACCOUNT_PROMPTS",
    "ACCOUNT_TEMPLATES",
    "ACCOUNT_VALUES",
    "ALL",
    "CANDIDATES",
    "CLUSTERS",
    "CLUSTER_DAYS",
    "CLUSTER_FEATURES",
    "CLUSTER_HOURS",
    "CLUSTER_OWNERS",
    "CLUSTER_RELEASES",
    "CLUSTER_TEMPLATES",
    "CLUSTER_TIES",
    "CLUSTER_TOTALS",
    "COHESIVE_TEMPLATES",
    "DOCUMENTS",
    "EXCHANGES",
    "HARVEST",
    "HOLDERS",
    "INSTANT",
    "JUDGED",
    "LINKS",
    "LOG_ACCOUNTS",
    "LOG_DECLARED",
    "LOG_EVIDENCE",
    "LOG_EXCHANGES",
    "LOG_INDICATORS",
    "LOG_RELEASES",
    "MEMBERS",
    "OWN_TEMPLATES",
    "REASON",
    "REASONS",
    "REGISTERED",
    "RESULT_ACCOUNTS",
    "RESULT_EXCHANGES",
    "SHARED_VALUES",
    "SIGNALS",
    "SPAN",
    "TEMPLATES",
    "TIED_ELSEWHERE",
    "TIES",
    "USES",
    "Column",
    "Table",
]
