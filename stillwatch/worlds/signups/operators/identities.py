"""Mail of an operator's accounts: disposable, scripted names, domains of its own, aged mailboxes; and programmes abused."""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds.signups import hours, lands
from stillwatch.worlds.signups.lands import Texts
from stillwatch.worlds.signups.newcomers import OLDEST_MAILBOX, Crowd, Newcomers
from stillwatch.worlds.signups.operators.craft import Craft

CHEAP = (".com", ".com", ".xyz", ".top", ".online", ".site", ".click", ".net", ".store")
OPEN_SCHOOLS = (".edu.kg", ".edu.pl", ".edu.eu.org")  # anybody may register there
FIRMS = (".com", ".com", ".ai", ".io", ".co", ".dev", ".tech", ".xyz")
PATTERNS = {"crude": 7, "likely": 8}  # how many there are in signups_mail.yaml
LIKE_STUDENTS = 0.3  # share of accounts at its own school domains whose mail is named as at the school
NAMES_FIT = 0.6  # share of an operator's name lists that are of the claimed country


def mailboxes(crowd: Crowd, craft: Craft, them: Newcomers, batch: Any) -> None:
    random, size = craft.random("mail"), len(them)
    part = craft.parts("mails", size)
    hosts = _hosts(craft, random)
    weight = random.dirichlet(np.full(len(hosts), 1.2))
    them.host = hosts[random.choice(len(hosts), size, p=weight)].astype("<U48")
    fits = random.random(int(batch.max()) + 1) < NAMES_FIT
    favourite = lands.land(str(random.choice(lands.countries()[0])))["names"]
    them.names = np.where(fits[batch], them.names, favourite).astype("<U2")
    for kind, known in PATTERNS.items():
        mine = random.choice(known, min(craft.whole("generators"), known), replace=False)
        pattern = mine[random.integers(0, len(mine), int(batch.max()) + 1)][batch]
        named = np.char.add(f"{kind}_", pattern.astype("<U1"))
        uses = part == kind if kind == "crude" else (part == kind) | (part == "own_domains")
        them.local = np.where(uses, named, them.local).astype("<U12")
    bulk = random.exponential(random.lognormal(np.log(2.0), 1.0), size)  # made or bought by the hundred days before
    them.mailbox_age = bulk
    throwaway = part == "throwaway"
    sites = random.choice(lands.throwaway_hosts(), max(1, int(random.integers(1, 5))), replace=False)
    them.host = np.where(throwaway, random.choice(sites, size), them.host).astype("<U48")
    them.local = np.where(throwaway, "throwaway", them.local).astype("<U12")
    them.mailbox_age = np.where(throwaway, random.random(size) * 0.01, them.mailbox_age)
    aged = part == "aged"
    them.local = np.where(aged, "person", them.local).astype("<U12")
    them.mailbox_age = np.where(
        aged, np.minimum(60.0 + random.lognormal(np.log(500.0), 1.0, size), OLDEST_MAILBOX), them.mailbox_age
    )
    _domains(crowd, craft, them, part == "own_domains", "catch-all", CHEAP, random)
    _programmes(crowd, craft, them, random)


def _hosts(craft: Craft, random: np.random.Generator) -> Texts:
    """Free hosts it has a seller or a script for."""
    local = lands.drawn(random, 2, str(craft.claims[0]), "hosts")
    offered = np.unique(np.concatenate([np.array(lands.FREE), local]))
    return np.asarray(random.choice(offered, min(craft.whole("hosts"), len(offered)), replace=False))


def _domains(
    crowd: Crowd,
    craft: Craft,
    them: Newcomers,
    rows: Any,
    what: str,
    tails: tuple[str, ...],
    random: np.random.Generator,
) -> None:
    """Domains bought together not long before: so many accounts at each."""
    here = np.flatnonzero(rows)
    if not len(here):
        return
    here = here[np.argsort(them.people.created[here])]
    number = hours.teams(random, len(here), craft.rung["accounts_a_domain"])
    them.host[here] = crowd.brands(craft.keys(number, what), tails)
    lot = number // 4  # four at a time
    began = np.array([them.people.created[here][number == one].min() for one in np.unique(number)])
    before = (
        random.lognormal(np.log(craft.rung["domain_days"]), 1.0, int(lot.max()) + 1)[lot]
        + random.random(len(here)) * 0.02
    )
    oldest = np.array([before[number == one][0] for one in np.unique(number)])
    them.domain_age[here] = np.maximum(oldest[number] - began[number], 0.2 - began[number])
    age = them.domain_age[here] + them.people.created[here]
    them.mailbox_age[here] = np.minimum(them.mailbox_age[here], age * random.random(len(here)))


def _programmes(crowd: Crowd, craft: Craft, them: Newcomers, random: np.random.Generator) -> None:
    """As a student of an open or a look-alike domain, with a student's stolen mailbox, as a firm made last week."""
    size, people = len(them), them.people
    kinds = np.array(["open school", "look-alike", "stolen", "firm", "researcher"])
    way = kinds[random.choice(5, size, p=random.dirichlet([1.5, 1.0, 1.5, 2.0, 0.4]))]
    in_one = craft.some("programmes", size)
    path = np.where(way == "firm", "startup", np.where(way == "researcher", "security_research", "education"))
    people.pathway = np.where(in_one, path, people.pathway).astype("<U18")
    _domains(crowd, craft, them, in_one & (way == "open school"), "open", OPEN_SCHOOLS, random)
    _domains(crowd, craft, them, in_one & (way == "firm"), "firm", FIRMS, random)
    _domains(crowd, craft, them, in_one & (way == "look-alike"), "alike", CHEAP, random)
    alike = np.flatnonzero(in_one & (way == "look-alike"))
    schools = np.array([one for land in craft.claims for one in lands.land(str(land))["academic"]])
    if len(alike):
        _, number = np.unique(them.host[alike], return_inverse=True)
        like = schools[random.integers(0, len(schools), number.max() + 1)]
        forms = ("{0}-{1}.com", "{0}-students.org", "{0}.education", "mail-{0}.com", "{0}{1}.net", "alumni-{0}.org")
        made = [
            str(random.choice(forms)).format(one.split(".")[0], one.split(".", 1)[1].replace(".", "-")) for one in like
        ]
        them.host[alike] = np.array(made)[number]
    stolen = np.flatnonzero(in_one & (way == "stolen"))
    them.host[stolen] = schools[random.integers(0, len(schools), len(stolen))]
    them.domain_age[stolen] = np.nan
    student = in_one & np.isin(way, ["open school", "look-alike", "stolen"])
    as_there = student & ((way == "stolen") | (random.random(size) < LIKE_STUDENTS))
    them.local = np.where(as_there, lands.school_schemes(them.host), them.local).astype("<U12")
    them.mailbox_age[stolen] = 30.0 + random.exponential(400.0, len(stolen))
    firm = in_one & (way == "firm") & (random.random(size) < 0.5)
    them.local = np.where(firm, np.char.add("scheme_", random.integers(0, 5, size).astype("<U1")), them.local).astype(
        "<U12"
    )
