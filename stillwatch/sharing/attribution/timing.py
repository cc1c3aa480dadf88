"""Whether a campaign lets up before an actor's releases: training begins when the harvest is in.

Measured is the fall of the harvest, week over week, against what everybody else sent in the same days and capabilities: a
release of the provider's own moves everybody, and would else be taken for a plan. An actor's releases fit as well as their mean
fall at one common lead of up to `LEADS` days (the lead is not known beforehand), each within `LOOSE` days.

How well is chance: calendars with as many releases and such gaps on other days, since two who release every other month meet
at some lead whoever they are (against days drawn one by one, one unrelated actor in eight had p <= 0.05). Each release stays on
its weekday, and near or away from the provider's as it was, since labs release on Tuesdays and answer each other. A calendar
that is only shifted would be no control, as a common lead shifts it back. Innocent when: many plan by quarters, holidays and
conferences; hence calendars of the other actors are tried as well and each p-value is held to all of them (Holm).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stillwatch.evidence import CAPABILITIES
from stillwatch.safeguards.holm import corrected
from stillwatch.sharing.attribution.actors import Release
from stillwatch.sharing.attribution.seen import F64, Activity

WEEK = 7  # days before and after, whose means are compared: a week holds one weekend
LEADS = 35  # days from the end of a harvest to the release; longer, and any harvest would be before some release
LOOSE = 3  # days by which one release may be off the common lead
FEWEST = 4  # releases: with three, a made campaign that followed them reached p <= 0.05 one time in fifteen
REGULAR = (
    0.15  # spread of an actor's gaps over their mean, below which they are a clock's: whoever releases as often fits
)
SHORTEST = 90  # days of a campaign: within less, three releases are one busy season
CALENDARS = 999  # tried for each actor: p-values down to one in a thousand
STRETCH = (
    0.05  # spread of the logarithm that gaps of control calendars are stretched by: they are no copies of each other
)
NEAR = 3  # days from a release of the provider that count as answering it
LEAST = 0.2  # natural logarithm of a fall, below which a week is like the last: what is quiet is noisier as well
CLIPPED = 3.0  # spreads, above which a fall is a fall: one large stop must not stand for all releases
FEW = 5.0  # harvested exchanges of a capability a day, below which the whole harvest is looked at instead


@dataclass(frozen=True)
class Fit:
    """How an actor's releases fit the campaign."""

    releases: int  # within what was seen
    p_value: float | None  # None: too little was seen to say anything
    corrected: float | None = None  # held to all actors that were tried
    lead: int | None = None  # days, of the best fit


def fits(
    activity: Activity, calendars: Mapping[str, Sequence[Release]], seed: int, calendars_tried: int = CALENDARS
) -> dict[str, Fit]:
    """Each actor's fit; p-values are corrected for the number of actors that could be tried."""
    falls = _falls(activity)
    random = np.random.default_rng(seed)
    found = {
        name: _fit(activity, falls, releases, random, calendars_tried) for name, releases in sorted(calendars.items())
    }
    tried = [name for name, one in found.items() if one.p_value is not None]
    held = corrected([math.log(found[name].p_value or 1.0) for name in tried])
    return {
        **found,
        **{
            name: Fit(found[name].releases, found[name].p_value, math.exp(log_p), found[name].lead)
            for name, log_p in zip(tried, held, strict=True)
        },
    }


def bits(fit: Fit) -> float:
    """What a corrected p-value is worth: log2 of 1 / (2 √p), a bet that is fair if chance was at work (Vovk and Wang,
    E-values: calibration, combination and applications, Annals of Statistics 49, 2021); none where too little was seen.
    """
    return 0.0 if fit.corrected is None else math.log2(0.5 / math.sqrt(fit.corrected))


def _falls(activity: Activity) -> F64:
    """(1 + capabilities, days): the fall of the whole and of each capability, in spreads; 0 where a week is not whole."""
    harvested, others = activity.harvested, activity.others
    rows = [_fall(harvested.sum(axis=1), others.sum(axis=1))]
    for place in range(len(CAPABILITIES)):
        few = harvested[:, place].mean() < FEW
        rows.append(rows[0] if few else _fall(harvested[:, place], others[:, place]))
    return np.array(rows)


def _fall(harvested: F64, others: F64) -> F64:
    found = np.zeros(len(harvested))
    days = np.arange(WEEK, len(harvested) - WEEK + 1)
    if len(days):
        level = np.log(_weeks(harvested) + 0.5) - np.log(_weeks(others) + 0.5)  # of the week that begins on each day
        change = level[days - WEEK] - level[days]
        change[np.abs(change) < LEAST] = 0.0
        spread = max(float(change.std()), LEAST)
        found[days] = np.clip(change / spread, -CLIPPED, CLIPPED)
    return found


def _weeks(daily: F64) -> F64:
    sums = np.concatenate([[0.0], daily.cumsum()])
    whole: F64 = sums[WEEK:] - sums[:-WEEK]
    return whole


def _fit(
    activity: Activity, falls: F64, releases: Sequence[Release], random: np.random.Generator, calendars: int
) -> Fit:
    days = falls.shape[1]
    within = [one for one in releases if 0 <= (one.day - activity.first).days < days]
    own = np.array([(one.day - activity.first).days for one in within], np.int64)
    gaps = np.diff(np.sort(own))
    if len(within) < FEWEST or days < SHORTEST or gaps.std() < REGULAR * gaps.mean():
        return Fit(len(within), None)
    loose = _loosened(np.array([_of(falls, one.capabilities) for one in within]))
    score, lead = _score(loose, own[None])
    drawn = _drawn(own, activity, days, random, calendars)
    as_good = int((_score(loose, drawn)[0] >= score[0] - 1e-12).sum())
    return Fit(len(within), (1 + as_good) / (calendars + 1), None, int(lead[0]))


def _of(falls: F64, capabilities: Sequence[str]) -> F64:
    """The fall of what a release is good at, or of all."""
    places = [1 + CAPABILITIES.index(one) for one in capabilities] or [0]
    mean: F64 = falls[places].mean(axis=0)
    return mean


def _loosened(falls: F64) -> F64:
    """(releases, days + leads + margin): the largest fall within `LOOSE` days, 0 beyond what was seen."""
    padded = np.pad(falls, ((0, 0), (LEADS + LOOSE, LEADS + LOOSE)))
    shifted = [np.roll(padded, by, axis=1) for by in range(-LOOSE, LOOSE + 1)]
    largest: F64 = np.max(shifted, axis=0)
    return largest


def _score(loose: F64, days: np.ndarray) -> tuple[F64, np.ndarray]:
    """Of each calendar (calendars, releases): the largest mean over leads, and the lead."""
    places = days[:, :, None] - np.arange(LEADS + 1)[None, None, :] + LEADS + LOOSE
    values = loose[np.arange(loose.shape[0])[None, :, None], places]
    means = values.mean(axis=1)
    return means.max(axis=1), means.argmax(axis=1)


def _drawn(own: np.ndarray, activity: Activity, until: int, random: np.random.Generator, calendars: int) -> np.ndarray:
    """Other calendars: the same gaps in another order, stretched, from another day on; then each release to the nearest day of
    a weekday of its own, as near to a release of the provider's as it was.
    """
    order = np.argsort(own)
    gaps = np.diff(own[order], append=own[order][0] + until)  # the last leads back to the first
    shuffled = random.permuted(np.tile(gaps, (calendars, 1)), axis=1) * np.exp(
        random.normal(0.0, STRETCH, (calendars, len(own)))
    )
    places = (shuffled.cumsum(axis=1) / shuffled.sum(axis=1, keepdims=True) + random.random((calendars, 1))) % 1.0
    days = np.arange(until)
    provider = np.array([(one - activity.first).days for one in activity.provider])
    near = np.zeros(until, bool) if not len(provider) else np.abs(days[:, None] - provider).min(axis=1) <= NEAR
    drawn = np.empty((calendars, len(own)), np.int64)
    for number, place in enumerate(order):
        alike = days[(days % WEEK == own[place] % WEEK) & (near == near[own[place]])]
        wanted = places[:, number] * until
        drawn[:, place] = alike[np.abs(wanted[:, None] - alike[None, :]).argmin(axis=1)]
    return drawn
