"""Who lives in a world, one file each: ordinary people, look-alikes of a campaign, campaigns."""

from __future__ import annotations

from collections.abc import Collection

from stillwatch.worlds.groups.agents import agents
from stillwatch.worlds.groups.aggregators import aggregators
from stillwatch.worlds.groups.burst import burst
from stillwatch.worlds.groups.campus import campus
from stillwatch.worlds.groups.ci_runners import ci_runners
from stillwatch.worlds.groups.employers import employers
from stillwatch.worlds.groups.evaluators import evaluators
from stillwatch.worlds.groups.explainers import explainers
from stillwatch.worlds.groups.hydra import hydra
from stillwatch.worlds.groups.individuals import individuals
from stillwatch.worlds.groups.injected import injected
from stillwatch.worlds.groups.judge_products import judge_products
from stillwatch.worlds.groups.neighbours import neighbours
from stillwatch.worlds.groups.network import TENANTS, network
from stillwatch.worlds.groups.own_key_product import own_key_product
from stillwatch.worlds.groups.pipelines import pipelines
from stillwatch.worlds.groups.reasoning import reasoning
from stillwatch.worlds.groups.relay import relay
from stillwatch.worlds.groups.replay import replay
from stillwatch.worlds.groups.rotation import rotation
from stillwatch.worlds.groups.single_account_products import single_account_products
from stillwatch.worlds.groups.stolen_keys import stolen_keys
from stillwatch.worlds.groups.sweep import sweep
from stillwatch.worlds.groups.synthetic_data import synthetic_data
from stillwatch.worlds.groups.tools import tools
from stillwatch.worlds.groups.vpn_users import vpn_users
from stillwatch.worlds.streams import Group

ALL: dict[str, Group] = {
    "individuals": individuals,
    "vpn_users": vpn_users,
    "explainers": explainers,
    "agents": agents,
    "campus": campus,
    "employers": employers,
    "evaluators": evaluators,
    "pipelines": pipelines,
    "judge_products": judge_products,
    "single_account_products": single_account_products,
    "own_key_product": own_key_product,
    "aggregators": aggregators,
    "synthetic_data": synthetic_data,
    "ci_runners": ci_runners,
    "reasoning": reasoning,
    "tools": tools,
    "neighbours": neighbours,
    "hydra": hydra,
    "rotation": rotation,
    "injected": injected,
    "relay": relay,
    "replay": replay,
    "network": network,
    "sweep": sweep,
    "stolen_keys": stolen_keys,
    "burst": burst,
}


def owners(campaigns: Collection[str]) -> set[str]:
    """Whose harvests there are in a world: its campaigns, and the tenants of a network."""
    return {*campaigns, *(TENANTS if "network" in campaigns else ())}
