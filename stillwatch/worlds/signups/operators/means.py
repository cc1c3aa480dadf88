"""Cards and numbers of an operator's accounts: few issuers, blocks of neighbouring numbers, some of it stolen."""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds.dice import mix, unit
from stillwatch.worlds.signups import cards as issued
from stillwatch.worlds.signups import hours, lands
from stillwatch.worlds.signups.lands import Texts
from stillwatch.worlds.signups.newcomers import Crowd, Newcomers
from stillwatch.worlds.signups.operators.craft import Craft


def cards(crowd: Crowd, craft: Craft, them: Newcomers, batch: Any) -> None:
    random, size, people = craft.random("cards"), len(them), them.people
    pays, together = craft.some("paying", size), craft.some("shared_cards", size)
    set_ = np.zeros(size, np.int64)
    order = np.argsort(batch, kind="stable")
    set_[order] = hours.teams(random, size, craft.rung["accounts_a_card"])
    card = np.where(together, craft.keys(set_, "cards"), mix(people.seed, "card"))
    people.payment = np.where(pays, card, 0).astype(np.uint64)
    people.plan = np.where(
        pays, random.choice(["pay_as_you_go", "pro", "max"], size, p=[0.5, 0.35, 0.15]), "free"
    ).astype("<U14")
    codes, licensed = _issuers(crowd, craft, random)
    weight = random.dirichlet(np.full(len(codes), 1.5))
    luck = unit(card, "of")  # by the card's key: accounts with one card tell the same issuer of it
    theirs = codes[np.searchsorted(np.cumsum(weight), luck).clip(max=len(codes) - 1)]
    fits = ~together & craft.some("cards_fit", size)
    for land in np.unique(licensed):
        here, of_land = np.flatnonzero(fits & (people.country == land)), codes[licensed == land]
        theirs[here] = of_land[random.integers(0, len(of_land), len(here))]
    stolen = ~together & craft.some("stolen_cards", size)
    them.issuer = np.where(pays & ~stolen, theirs, "").astype("<U12")


def _issuers(crowd: Crowd, craft: Craft, random: np.random.Generator) -> tuple[Texts, Texts]:
    """Where it gets cards: of issuers of virtual ones, which honest people use as well, and of a few ordinary ones."""
    known = issued.issuers(crowd.seed, crowd.world)
    size = craft.whole("issuers")
    of_virtual = max(1, round(size * craft.share("virtual_cards")))
    fit = random.random(size) < craft.share("cards_fit")
    codes: list[str] = []
    lands_: list[str] = []
    for number in range(size):
        land = str(random.choice(craft.claims if fit[number] else lands.countries()[0]))
        one, licensed = known[land], np.ones(len(known[land].codes), bool)
        if number < of_virtual:
            virtual = known[issued.VIRTUAL]
            here = np.isin(virtual.country, craft.claims)
            if not fit[number] or here.any():
                one, licensed = virtual, here if fit[number] else np.ones(len(here), bool)
        popular = np.where(licensed, np.sqrt(one.share), 0.0)
        chosen = int(random.choice(len(one.codes), p=popular / popular.sum()))
        codes.append(str(one.codes[chosen]))
        lands_.append(str(one.country[chosen]))
    return np.array(codes), np.array(lands_)


def phones(crowd: Crowd, craft: Craft, them: Newcomers, batch: Any) -> None:
    """Numbers from sellers: internet telephony, blocks of SIM cards, or single ones."""
    random, size, people = craft.random("phones"), len(them), them.people
    has = craft.some("phones", size)
    part = craft.parts("phone_sources", size)
    people.phone = np.where(has, mix(people.seed, "phone"), 0).astype(np.uint64)
    them.voip = has & (part == "voip")
    names, share = lands.countries()
    sold = random.choice(names, craft.whole("phone_countries"), replace=False, p=share)
    order = np.argsort(batch, kind="stable")
    side = np.zeros(size, np.int64)
    side[order] = hours.teams(random, size, craft.rung["numbers_a_block"])
    in_block = has & (part != "sims")
    them.block = np.where(in_block, craft.keys(side, "numbers"), 0).astype(np.uint64)
    of_block = sold[random.integers(0, len(sold), int(side.max()) + 1)][side]
    single = np.where(random.random(size) < 0.5, people.country, sold[random.integers(0, len(sold), size)])
    them.phone_country = np.where(in_block, of_block, single).astype("<U2")
