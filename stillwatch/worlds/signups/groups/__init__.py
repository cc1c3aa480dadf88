"""Who signs up honestly: one file per kind of people; this page lists the groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stillwatch.worlds.signups.groups import alone, companies, crowds, schools
from stillwatch.worlds.signups.newcomers import Crowd

ALL: dict[str, Callable[[Crowd, dict[str, Any]], None]] = {
    one.__name__: one
    for one in (
        alone.individuals,
        alone.households,
        alone.phones,
        alone.migrants,
        alone.privacy_minded,
        alone.researchers,
        schools.campus,
        companies.employers,
        companies.enterprises,
        companies.startups,
        companies.agencies,
        companies.resellers,
        crowds.hackathons,
        crowds.launch_day,
        crowds.tutorial,
    )
}
