"""Who lives in a world, one file each: ordinary people, look-alikes of a campaign, campaigns."""

from __future__ import annotations

from stillwatch.worlds.groups.agents import agents
from stillwatch.worlds.groups.aggregators import aggregators
from stillwatch.worlds.groups.campus import campus
from stillwatch.worlds.groups.employers import employers
from stillwatch.worlds.groups.evaluators import evaluators
from stillwatch.worlds.groups.hydra import hydra
from stillwatch.worlds.groups.individuals import individuals
from stillwatch.worlds.groups.own_key_product import own_key_product
from stillwatch.worlds.groups.pipelines import pipelines
from stillwatch.worlds.groups.reasoning import reasoning
from stillwatch.worlds.groups.synthetic_data import synthetic_data
from stillwatch.worlds.groups.tools import tools
from stillwatch.worlds.plan import Group

ALL: dict[str, Group] = {
    "individuals": individuals,
    "agents": agents,
    "campus": campus,
    "pipelines": pipelines,
    "evaluators": evaluators,
    "own_key_product": own_key_product,
    "employers": employers,
    "synthetic_data": synthetic_data,
    "aggregators": aggregators,
    "reasoning": reasoning,
    "tools": tools,
    "hydra": hydra,
}
