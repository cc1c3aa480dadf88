"""The page: every stage in order, with the tables it reads and makes. No other file decides order.

A stage is a function from tables to one table. There are three kinds: `map` stages turn one Arrow batch into one Arrow
batch, `relational` stages turn Ibis expressions into an Ibis expression, `graph` stages work on small tables in memory.

    logs → exchanges → signals → templates → uses → accounts → links → clusters → campaigns

The two first maps run in one pass over the log (`run.py`), so text never lands on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import pyarrow as pa
from ibis import _

from stillwatch import accounts, clusters, indicators, tables, techniques, templates
from stillwatch.campaigns import (
    attribution,
    continuation,
    groups,
    items,
    judged,
    likeness,
    lives,
    members,
    pivots,
    releases,
    response,
    successors,
    sweeps,
)
from stillwatch.config import Config
from stillwatch.links import ALL, cohesion, given, meetings, pairs, template_users, values
from stillwatch.replays import replays

Kind = Literal["relational", "graph"]
T = Mapping[str, Any]


@dataclass(frozen=True)
class Stage:
    """One step: what it makes, from what, how."""

    makes: tables.Table
    kind: Kind
    reads: tuple[str, ...]
    build: Callable[[T, Config], Any]
    doing: str  # for the progress line
    needs: tuple[str, ...] = ()  # of those it reads: where one of these has no rows, it makes none, and is not run
    optional: tuple[str, ...] = ()  # of those it reads: left out of what it is given where they have no rows


AT_SIGNUP = tuple(tie.kind for tie in ALL if tie.reads == ("registered",))  # kinds of tie that need no traffic


def _words() -> dict[str, tuple[str, str]]:
    return {tie.kind: (tie.phrase, tie.innocent) for tie in ALL}


def _links(t: T, c: Config) -> ibis.Table:
    holders, tying = cohesion.cohesion_values(t, c.links)
    return t["ties"].union(pairs.cohesive_links(holders, tying, c.links))


def _candidates(t: T, c: Config) -> ibis.Table:
    return t["clusters"].filter(_.cluster_accounts >= c.campaigns.min_accounts)


def _holdings(t: T) -> ibis.Table:
    alike = ["kind", "family", "bits", "accounts", "population"]
    usable = t["shared_values"].filter(~_.crowded & (_.bits > 0))
    return usable.group_by(alike).agg(values=_.count()).order_by(alike)


def _stage(makes: tables.Table, kind: Kind, reads: str, doing: str, build: Callable[[T, Config], Any]) -> Stage:
    """`table!` is needed, `table?` is optional."""
    named = reads.split()
    needs, optional = (tuple(name[:-1] for name in named if name.endswith(mark)) for mark in "!?")
    return Stage(makes, kind, tuple(name.rstrip("!?") for name in named), build, doing, needs, optional)


# fmt: off
TEMPLATES: tuple[Stage, ...] = (
    _stage(tables.DOCUMENTS, "relational", "signals", "sample texts",
           lambda t, c: accounts.documents(t["signals"], c.templates.max_documents)),
    _stage(tables.TEMPLATES, "graph", "documents", "mine templates",
           lambda t, c: templates.templates(t["documents"], c.templates)),
)

BEHAVIOUR: tuple[Stage, ...] = (
    _stage(tables.ACCOUNT_HOURS, "relational", "uses", "count hours",
           lambda t, c: accounts.account_hours(t["uses"])),
    _stage(tables.ACCOUNT_PROMPTS, "relational", "uses", "count prompts",
           lambda t, c: accounts.account_prompts(t["uses"])),
    _stage(tables.ACCOUNT_TEMPLATES, "relational", "uses", "count templates",
           lambda t, c: accounts.account_templates(t["uses"])),
    _stage(tables.TEMPLATE_SPREAD, "relational", "account_templates registered", "tell products",
           lambda t, c: accounts.template_spread(t["account_templates"], t["registered"], c.behaviour)),
    _stage(tables.REPLAYS, "relational", "uses", "count replays",
           lambda t, c: replays(t["uses"])),
    _stage(tables.ACCOUNTS, "relational", "uses account_hours account_prompts replays registered", "describe accounts",
           lambda t, c: accounts.accounts(
               t["uses"], t["account_hours"], t["account_prompts"], t["replays"], t["registered"], c.behaviour)),
    _stage(tables.TECHNIQUE_HOURS, "relational", "uses accounts declared", "count techniques",
           lambda t, c: techniques.technique_hours(t["uses"], t["accounts"], t["declared"])),
)

LINKS: tuple[Stage, ...] = (
    _stage(tables.INDICATOR_MATCHES, "relational", "uses? registered? account_templates? declared? indicators!",
           "match indicators", lambda t, c: indicators.indicator_matches(t)),
    _stage(tables.ACCOUNT_VALUES, "relational",
           "uses? registered? accounts? account_prompts? account_templates? template_spread evidence? indicator_matches?",
           "collect shared values",
           lambda t, c: values.account_values(t, ALL)),
    _stage(tables.OWN_SHARED_VALUES, "relational", "account_values!", "weigh shared values",
           lambda t, c: values.own_shared_values(t["account_values"], ALL)),
    _stage(tables.GIVEN_SHARED_VALUES, "graph", "evidence!", "weigh given values",
           lambda t, c: given.given_shared_values(t["evidence"])),
    _stage(tables.SHARED_VALUES, "relational", "own_shared_values given_shared_values", "join shared values",
           lambda t, c: t["own_shared_values"].union(t["given_shared_values"])),
    _stage(tables.MEETINGS, "graph", "evidence given_shared_values!", "find meetings",
           lambda t, c: meetings.meetings(t["evidence"], t["given_shared_values"], c.links)),
    _stage(tables.OWN_PAIRS, "relational", "account_values own_shared_values! meetings", "weigh pairs",
           lambda t, c: pairs.own_pairs(t["account_values"], t["own_shared_values"], t["meetings"], c.links)),
    _stage(tables.PAIRS, "relational", "own_pairs meetings", "join pairs",
           lambda t, c: pairs.within_family(t["own_pairs"].union(t["meetings"]), c.links)),
    _stage(tables.TIES, "relational", "pairs!", "tie accounts",
           lambda t, c: pairs.strongest(t["pairs"], c.links)),
    _stage(tables.TEMPLATE_USERS, "relational", "account_templates account_prompts accounts", "tell users of templates",
           lambda t, c: template_users.template_users(t["account_templates"], t["account_prompts"], t["accounts"], c.links)),
    _stage(tables.COHESIVE_TEMPLATES, "relational", "template_users! template_spread accounts account_values shared_values",
           "test crowded templates",
           lambda t, c: cohesion.cohesive_templates(
               t["template_users"], t["template_spread"], t["accounts"], t["account_values"], t["shared_values"], c.links)),
    _stage(tables.LINKS, "relational", "ties template_users cohesive_templates accounts account_values shared_values",
           "link accounts", _links),
    _stage(tables.HOLDINGS, "relational", "shared_values!", "count holdings",
           lambda t, c: _holdings(t)),
    _stage(tables.CLUSTERS, "graph", "links holdings", "cluster accounts",
           lambda t, c: clusters.clusters(t["links"], t["holdings"], c.links, c.clusters, c.seed, c.engine.threads)),
)

CLUSTERS: tuple[Stage, ...] = (
    _stage(tables.CANDIDATES, "relational", "clusters!", "choose clusters", _candidates),
    _stage(tables.CLUSTER_TOTALS, "relational", "accounts candidates!", "total clusters",
           lambda t, c: groups.cluster_totals(t["accounts"], t["candidates"])),
    _stage(tables.CLUSTER_FEATURES, "relational", "accounts candidates", "compare behaviour",
           lambda t, c: groups.cluster_features(t["accounts"], t["candidates"])),
    _stage(tables.CLUSTER_TIES, "relational", "account_values shared_values accounts candidates!", "compare ties",
           lambda t, c: groups.cluster_ties(
               t["account_values"], t["shared_values"], t["accounts"], t["candidates"])),
    _stage(tables.TIED_ELSEWHERE, "relational", "account_values shared_values accounts candidates",
           "compare ties elsewhere",
           lambda t, c: groups.tied_elsewhere(
               t["account_values"], t["shared_values"], t["accounts"], t["candidates"])),
    _stage(tables.CLUSTER_TEMPLATES, "relational", "account_templates account_prompts candidates! cohesive_templates",
           "compare templates",
           lambda t, c: groups.cluster_templates(
               t["account_templates"], t["account_prompts"], t["candidates"], t["cohesive_templates"], c.campaigns)),
    _stage(tables.CLUSTER_OWNERS, "relational", "accounts registered declared candidates!", "compare owners",
           lambda t, c: groups.cluster_owners(t["accounts"], t["registered"], t["declared"], t["candidates"])),
    _stage(tables.CLUSTER_HOURS, "relational", "account_hours candidates", "compare hours",
           lambda t, c: groups.cluster_hours(t["account_hours"], t["candidates"], c.campaigns.synchrony_members)),
    _stage(tables.CLUSTER_DAYS, "relational", "account_hours candidates!", "count days",
           lambda t, c: groups.cluster_days(t["account_hours"], t["candidates"])),
    _stage(tables.OWN_TEMPLATES, "graph", "cluster_templates", "attribute templates",
           lambda t, c: judged.own(t["cluster_templates"], c)),
    _stage(tables.ACCOUNT_RELEASES, "relational", "uses releases! candidates! own_templates", "count days of releases",
           lambda t, c: releases.account_releases(t["uses"], t["releases"], t["candidates"], t["own_templates"])),
    _stage(tables.CLUSTER_RELEASES, "relational", "account_releases!", "compare releases",
           lambda t, c: releases.cluster_releases(t["account_releases"])),
    _stage(tables.RELEASE_SHARES, "relational", "account_releases!", "count who moved",
           lambda t, c: releases.release_shares(t["account_releases"])),
    _stage(tables.RELEASE_DAYS, "relational", "account_releases! accounts", "count volumes around releases",
           lambda t, c: releases.release_days(t["account_releases"], t["accounts"])),
    _stage(tables.RELEASE_RESPONSE, "graph", "cluster_releases! release_shares release_days", "test releases",
           lambda t, c: response.release_response(t, c.campaigns)),
    _stage(tables.TECHNIQUE_SPREAD, "relational", "technique_hours! account_hours candidates accounts declared",
           "compare techniques",
           lambda t, c: techniques.technique_spread(
               t["technique_hours"], t["account_hours"], t["candidates"], t["accounts"], t["declared"])),
    _stage(tables.SWEEP_HOURS, "relational", "technique_hours! account_hours candidates accounts declared",
           "compare hours of techniques",
           lambda t, c: techniques.sweep_hours(
               t["technique_hours"], t["account_hours"], t["candidates"], t["accounts"], t["declared"])),
    _stage(tables.SWEEP_WINDOWS, "graph", "sweep_hours! technique_spread", "look for sweeps",
           lambda t, c: sweeps.sweep_windows(t["sweep_hours"], t["technique_spread"], c.campaigns)),
    _stage(tables.SWEEPS, "relational", "sweep_windows! technique_hours account_hours candidates", "describe sweeps",
           lambda t, c: techniques.sweeps(
               t["sweep_windows"], t["technique_hours"], t["account_hours"], t["candidates"])),
)

_JUDGE = "cluster_totals cluster_features cluster_ties tied_elsewhere cluster_templates cluster_owners " \
         "cluster_hours release_response sweeps clusters"

CAMPAIGNS: tuple[Stage, ...] = (
    _stage(tables.REASONS, "graph", _JUDGE, "weigh evidence",
           lambda t, c: judged.reasons(t, _words(), c)),
    _stage(tables.JUDGED, "graph", "reasons clusters", "judge clusters",
           lambda t, c: judged.judged(t["reasons"], t["clusters"], c)),
    _stage(tables.LIKENESS, "relational", "uses candidates! own_templates judged", "learn the harvest's form",
           lambda t, c: likeness.likeness(
               t["uses"], t["candidates"], t["own_templates"], t["judged"], c.campaigns)),
    _stage(tables.FOLLOW_UPS, "relational", "uses candidates! own_templates", "follow conversations",
           lambda t, c: continuation.follow_ups(t["uses"], t["candidates"], t["own_templates"])),
    _stage(tables.HARVEST, "relational", "uses candidates! own_templates follow_ups likeness judged", "attribute exchanges",
           lambda t, c: attribution.harvest(
               t["uses"], t["candidates"], t["own_templates"], t["follow_ups"], t["likeness"], t["judged"], c.standing)),
    _stage(tables.HARVEST_DAYS, "relational", "harvest!", "count harvest days",
           lambda t, c: pivots.harvest_days(t["harvest"])),
    _stage(tables.PIVOTS, "graph", "harvest_days! judged releases", "find pivots",
           lambda t, c: pivots.pivots(t["harvest_days"], t["judged"], t["releases"], c)),
    _stage(tables.MEMBERS, "relational", "candidates! links uses accounts harvest account_values shared_values "
           "account_templates own_templates", "describe members",
           lambda t, c: members.members(t, c.standing)),
    _stage(tables.ITEMS, "relational", "account_prompts own_templates members!", "compare members' items",
           lambda t, c: items.items(t["account_prompts"], t["own_templates"], t["members"])),
    _stage(tables.LIVES, "relational", "candidates! accounts harvest links", "follow lives",
           lambda t, c: lives.lives(t["candidates"], t["accounts"], t["harvest"], t["links"], AT_SIGNUP)),
    _stage(tables.HELD, "relational", "lives! account_values shared_values uses account_templates", "collect what few hold",
           lambda t, c: lives.held(t)),
    _stage(tables.INHERITED, "relational", "lives held!", "compare heirs",
           lambda t, c: lives.inherited(t["lives"], t["held"])),
    _stage(tables.SUCCESSORS, "graph", "lives! inherited cluster_totals", "find successors",
           lambda t, c: successors.successors(t, c.seed)),
    _stage(tables.TURNOVER, "graph", "lives! inherited cluster_totals", "measure turnover",
           lambda t, c: successors.turnover(t, c.seed)),
)
# fmt: on

FLOW: tuple[Stage, ...] = (*BEHAVIOUR, *LINKS, *CLUSTERS, *CAMPAIGNS)
# `stillwatch link`: accounts and evidence alone, so no templates and no ties by them.
LINK_FLOW: tuple[Stage, ...] = tuple(
    _stage(tables.LINKS, "relational", "ties", "link accounts", lambda t, c: t["ties"])
    if stage.makes is tables.LINKS
    else stage
    for stage in LINKS
    if stage.makes not in (tables.TEMPLATE_USERS, tables.COHESIVE_TEMPLATES)
)


def checked(stage: Stage, table: pa.Schema | ibis.Schema) -> None:
    """The seam between stages: one must return what it promised."""
    missing = [name for name in stage.makes.names if name not in table.names]
    if missing:
        raise AssertionError(
            f"BUG: {stage.makes.name}: stage did not return {missing}; it returned {list(table.names)}"
        )


__all__ = ["CAMPAIGNS", "CLUSTERS", "FLOW", "LINK_FLOW", "TEMPLATES", "Stage", "checked"]
