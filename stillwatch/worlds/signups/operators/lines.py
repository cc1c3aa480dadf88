"""Where an operator goes out: rented servers, a few proxies, lines of homes, phones' addresses, any VPN."""

from __future__ import annotations

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.signups import hours, lands
from stillwatch.worlds.signups.groups.habits import by_phone, over_vpn
from stillwatch.worlds.signups.lands import Texts
from stillwatch.worlds.signups.newcomers import Crowd, Newcomers
from stillwatch.worlds.signups.operators.craft import Craft

PENDING = np.uint32(0)  # in place of an address: a line of a home, lent when all operators have asked


def exits(crowd: Crowd, craft: Craft, them: Newcomers, batch: np.ndarray) -> Texts:
    """Sets the addresses; gives the country in which each account goes out. It declares that one or another."""
    random, size, people = craft.random("exits"), len(them), them.people
    part = craft.parts("exits", size)
    out = people.country.copy()
    by_phone_before = them.browser.copy()
    by_phone(random, crowd, them, part == "mobile")
    them.browser = np.where(random.random(size) < 0.5, them.browser, by_phone_before)
    over_vpn(random, crowd, them, part == "vpn")
    people.signup_address[part == "homes"] = PENDING
    for name, kind in (("servers", "hosting"), ("few_homes", "access")):
        here = np.flatnonzero(part == name)
        here = here[np.argsort(batch[here], kind="stable")]
        cell = hours.teams(random, len(here), craft.rung["accounts_an_exit"]) if len(here) else here
        cells = int(cell.max()) + 1 if len(here) else 0
        for country in np.unique(out[here]):
            mine = out[here] == country
            if name == "servers":
                rented = networks.neighbours(random, cells, kind, None, max(1, cells // 8))
            else:
                rented = networks.addresses(random, cells, kind, str(country))
            people.signup_address[here[mine]] = rented[cell[mine]]
    elsewhere = np.isin(part, ["homes", "mobile", "few_homes"]) & ~craft.some("claims_exits_country", size)
    names, share = lands.countries()
    people.country = np.where(elsewhere, names[random.choice(len(names), size, p=share)], people.country).astype("<U2")
    crowd.rents.append((them, out))
    return out


def lend(crowd: Crowd, twice: float) -> None:
    """Lines of homes for all operators from one vendor: none to more than two accounts, `twice` of them to two, some of them
    our customers' homes.
    """
    random = crowd.rng("lines")
    honest = [one for one in crowd.groups if one.people.group in ("individuals", "households")]
    for country in lands.countries()[0]:
        wanted = [
            (one, np.flatnonzero((one.people.signup_address == PENDING) & (out == country))) for one, out in crowd.rents
        ]
        size = sum(len(rows) for _, rows in wanted)
        if not size:
            continue
        lent = networks.addresses(random, int(np.ceil(size / (1.0 + twice))), "access", str(country))
        at_home = np.concatenate([one.people.address[one.people.country == country, 0] for one in honest])
        ours = min(int(len(lent) * crowd.world["homes_that_are_exits"]), len(at_home))
        lent[:ours] = random.choice(at_home, ours, replace=False)
        again = random.choice(lent, size - len(lent), replace=False)
        dealt = random.permutation(np.concatenate([lent, again]))
        done = 0
        for one, rows in wanted:
            one.people.signup_address[rows] = dealt[done : done + len(rows)]
            done += len(rows)
