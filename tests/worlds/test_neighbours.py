"""Newcomers beside banned accounts: they share what a neighbour shares, begin after the ban, and are nobody's successors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillwatch.worlds import load
from stillwatch.worlds.grammar import phrase_books
from stillwatch.worlds.groups import ALL
from stillwatch.worlds.groups.neighbours import KINDS
from stillwatch.worlds.people import People
from stillwatch.worlds.plan import cast_of
from stillwatch.worlds.streams import Cast

NEWCOMERS = 600


def small(rung: int) -> Cast:
    world = load("returns-2026-02", rung)
    groups = {**world.groups, "neighbours": {**world.groups["neighbours"], "at_least": NEWCOMERS}}
    return cast_of(replace(world, groups=groups), 0.001, 250, frozenset(phrase_books()), ALL)


def of(cast: Cast, group: str) -> People:
    return next(one for one in cast.people if one.group == group)


@pytest.mark.parametrize("rung", [0, 4])
def test_they_share_what_a_neighbour_shares(rung: int) -> None:
    cast = small(rung)
    for reason in ("campaign", "other"):
        banned = [one for one in cast.people if bool(one.campaign) == (reason == "campaign")]
        gone = {name: set() for name in ("payment", "device", "signup_address")}
        for one in banned:
            for name, values in gone.items():
                values |= set(getattr(one, name)[~np.isnan(one.banned)].tolist())

        def share(kind: str, name: str, gone: dict[str, set[int]] = gone, reason: str = reason) -> float:
            values = getattr(of(cast, f"{kind}_{reason}"), name).tolist()
            return float(np.mean([one in gone[name] for one in values if one]))

        assert share("household", "payment") == pytest.approx(0.42, abs=0.12)
        assert share("employer", "payment") == pytest.approx(0.8, abs=0.15)
        assert 0.02 < share("household", "device") < 0.25
        assert share("campus", "signup_address") > 0.2  # through the exit where the banned one signed up
        assert share("vpn", "payment") == share("vpn", "device") == 0.0


def test_they_come_after_the_ban_and_belong_to_no_campaign() -> None:
    cast = small(0)
    mine = [of(cast, f"{kind}_{reason}") for kind in KINDS for reason in ("campaign", "other")]
    first_ban = min(np.nanmin(one.banned) for one in cast.people if not np.isnan(one.banned).all())
    for one in mine:
        assert not one.campaign and not one.succeeds.any() and np.isnan(one.banned).all()
        assert (
            (one.created >= first_ban).all() and (one.start >= one.created).all() and (one.start < cast.days + 1).all()
        )
    streams = [one for one in cast.streams if one.name.partition(" ")[0] in {people.group for people in mine}]
    assert streams and all(not kind.harvested for one in streams for kind in one.kinds)
