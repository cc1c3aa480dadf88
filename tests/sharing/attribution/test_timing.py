"""Timing: a campaign that lets up before an actor's releases, one that does not, and all that looks alike and is nothing."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from stillwatch.evidence import CAPABILITIES
from stillwatch.sharing.attribution import timing
from stillwatch.sharing.attribution.actors import Release
from stillwatch.sharing.attribution.seen import Activity

BEGINS = date(2025, 10, 6)
DAYS = 360
RELEASES = (31, 66, 127, 171, 246, 289, 340)  # days, at gaps of 35 to 75


def calendar(days: tuple[int, ...], *capabilities: str) -> tuple[Release, ...]:
    return tuple(Release("m", BEGINS + timedelta(days=day), "their blog", capabilities) for day in days)


def activity(
    stops: tuple[int, ...], days: int = DAYS, provider: tuple[int, ...] = (), everybody: bool = False
) -> Activity:
    """Fourteen quiet days from each stop on; with `everybody`, all accounts are as quiet as the campaign."""
    random = np.random.default_rng(9)
    harvested, others = np.full((days, len(CAPABILITIES)), 60.0), np.full((days, len(CAPABILITIES)), 900.0)
    for stop in stops:
        harvested[max(stop, 0) : stop + 14] *= 0.1
        if everybody:
            others[max(stop, 0) : stop + 14] *= 0.1
    released = tuple(BEGINS + timedelta(days=one) for one in provider)
    return Activity(BEGINS, random.poisson(harvested).astype(float), random.poisson(others).astype(float), released)


def p_value(of: Activity, releases: tuple[Release, ...], **others: tuple[Release, ...]) -> float | None:
    return timing.fits(of, {"gull": releases, **others}, 1)["gull"].corrected


def test_a_harvest_that_stops_twelve_days_before_every_release_fits_at_that_lead() -> None:
    fit = timing.fits(activity(tuple(day - 12 for day in RELEASES)), {"gull": calendar(RELEASES)}, 1)["gull"]
    assert fit.corrected is not None and fit.corrected <= 0.01
    assert fit.lead is not None and abs(fit.lead - 12) <= timing.LOOSE
    assert timing.bits(fit) > 2


def test_stops_on_other_days_do_not_fit() -> None:
    found = p_value(activity((12, 90, 104, 150, 215, 270, 300)), calendar(RELEASES))
    assert found is not None and found > 0.05


def test_what_everybody_does_on_those_days_is_no_sign_of_anybody() -> None:
    """The trap: the provider's own release moves all accounts, and an actor releases shortly after."""
    stops = tuple(day - 12 for day in RELEASES)
    found = p_value(activity(stops, provider=stops, everybody=True), calendar(RELEASES))
    assert found is not None and found > 0.05


def test_each_actor_that_is_tried_makes_the_bar_higher() -> None:
    of = activity(tuple(day - 12 for day in RELEASES))
    alone = p_value(of, calendar(RELEASES))
    among = p_value(of, calendar(RELEASES), heron=calendar((20, 95, 150, 210, 300)), tern=calendar((50, 85, 190, 320)))
    assert alone is not None and among == pytest.approx(3 * alone)


SILENT = [
    ("two releases", activity((19,), 360), calendar((31, 66))),
    ("a campaign of ten weeks", activity((19,), 70), calendar((10, 31, 66))),
    ("releases like clockwork", activity(tuple(range(48, 360, 60))), calendar(tuple(range(60, 360, 60)))),
    ("releases after all was seen", activity((19,), 120), calendar((121, 150, 200))),
]  # fmt: skip


@pytest.mark.parametrize(("of", "releases"), [row[1:] for row in SILENT], ids=[row[0] for row in SILENT])
def test_too_little_to_say_anything_says_nothing(of: Activity, releases: tuple[Release, ...]) -> None:
    fit = timing.fits(of, {"gull": releases}, 1)["gull"]
    assert fit.p_value is None and timing.bits(fit) == 0.0


def test_unrelated_calendars_are_as_rarely_a_fit_as_the_level_says() -> None:
    random, found = np.random.default_rng(5), []
    for _ in range(60):
        own, other = (tuple(sorted(random.choice(DAYS, 6, replace=False).tolist())) for _ in range(2))
        fit = timing.fits(activity(tuple(day - 12 for day in other)), {"gull": calendar(own)}, 1, 99)["gull"]
        found.append(1.0 if fit.p_value is None else fit.p_value)
    assert sum(one <= 0.1 for one in found) <= 12  # 6 expected; more than 12 once in a hundred times
    assert np.mean(found) > 0.35


def test_a_release_that_is_about_code_is_held_against_the_harvest_of_code() -> None:
    of = activity(())
    code = CAPABILITIES.index("coding")
    for day in RELEASES:
        of.harvested[day - 12 : day + 2, code] *= 0.1
    about_code, about_sight = (p_value(of, calendar(RELEASES, one)) for one in ("coding", "vision"))
    assert about_code is not None and about_sight is not None and about_code <= 0.01 < about_sight


@pytest.mark.parametrize(("p", "bits"), [(1.0, -1.0), (0.25, 0.0), (0.01, 2.32), (0.001, 3.98)])
def test_a_p_value_is_worth_a_bet_that_is_fair_by_chance(p: float, bits: float) -> None:
    assert timing.bits(timing.Fit(5, p, p, 3)) == pytest.approx(bits, abs=0.01)
