"""Devices and browsers of an operator's accounts: emulators, an anti-detect tool's profiles, at times no browser at all."""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds.dice import mix
from stillwatch.worlds.signups import browsers, hours, lands
from stillwatch.worlds.signups.lands import Texts
from stillwatch.worlds.signups.newcomers import Crowd, Newcomers
from stillwatch.worlds.signups.operators.craft import Craft

ENGINES = ("chromium-144", "chromium-143", "chromium-142", "chromium-139")  # that anti-detect tools are built on


def devices(crowd: Crowd, craft: Craft, them: Newcomers, batch: Any, out: Texts) -> None:
    random, size, people = craft.random("devices"), len(them), them.people
    _tongues_and_clocks(craft, them, out, random)
    order = np.argsort(batch, kind="stable")
    farm = np.zeros(size, np.int64)
    farm[order] = hours.teams(random, size, craft.rung["accounts_a_device"])
    emulated = craft.some("shared_devices", size)
    people.device = np.where(emulated, craft.keys(farm, "emulators"), people.device).astype(np.uint64)
    machine = browsers.pick(random, size, "phone", "desktop")[farm]
    them.browser = np.where(emulated, machine, them.browser).astype(np.int16)
    hidden = ~emulated & craft.some("anti_detect", size)
    profile = random.integers(0, craft.whole("templates"), size)
    _profiles(craft, them, hidden, profile, random)
    odd = ~hidden & craft.some("odd_clients", size)
    them.browser = np.where(odd, browsers.pick(random, size, "odd")[batch % size], them.browser).astype(np.int16)
    them.stack = np.where(odd, "", them.stack).astype("<U16")
    bare = odd & (random.random(size) < 0.7)
    them.locale = np.where(bare, "", them.locale).astype("<U8")
    them.timezone = np.where(bare, "", them.timezone).astype("<U20")
    people.device = np.where(bare, 0, people.device).astype(np.uint64)


def _tongues_and_clocks(craft: Craft, them: Newcomers, out: Texts, random: np.random.Generator) -> None:
    """Language as claimed or as at home; clock as of the exit or as at home."""
    size = len(them)
    own_tongue = ~craft.some("language_fits", size)
    them.locale[own_tongue] = lands.drawn(random, int(own_tongue.sum()), craft.home, "locales")
    own_clock = ~craft.some("clock_fits", size)
    zone = np.full(size, lands.people_of(craft.home)["zones"][0], np.int32)
    them.timezone[own_clock] = lands.clocks(random, zone[own_clock], craft.home)
    for name in np.unique(out):
        here = np.flatnonzero((out == name) & ~own_clock)
        there = random.choice(lands.people_of(str(name))["zones"], len(here)).astype(np.int32)
        them.timezone[here] = lands.clocks(random, there, str(name))


def _profiles(craft: Craft, them: Newcomers, rows: Any, profile: Any, random: np.random.Generator) -> None:
    """Few profiles: who the browser says it is, whose TLS it sends, how it spells its language. Each print is another one."""
    many = int(profile.max()) + 1
    browser = browsers.pick(random, many, "desktop", "phone")
    engine = str(random.choice(ENGINES))
    own = browsers.stacks()[browser]
    wrong = (random.random(many) < craft.share("mismatched")) & (own != engine)
    them.browser = np.where(rows, browser[profile], them.browser).astype(np.int16)
    them.stack = np.where(rows & wrong[profile], engine, np.where(rows, "", them.stack)).astype("<U16")
    people = them.people
    print_ = np.where(people.device == 0, 0, mix(people.seed, "profile"))
    people.device = np.where(rows, print_, people.device).astype(np.uint64)
