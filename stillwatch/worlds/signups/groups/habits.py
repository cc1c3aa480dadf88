"""What people do at a sign-up whichever group they are of: pay or not, hide or not, be elsewhere than at home."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stillwatch.worlds import networks
from stillwatch.worlds.dice import mix
from stillwatch.worlds.signups import browsers, hours, lands
from stillwatch.worlds.signups.newcomers import Crowd, Flags, Newcomers

SMALL_FIRMS = (1, 14)  # people of one that come in the window
NEW_DOMAINS = 0.04  # share of domains of one's own or one's firm
ANONYMOUS_CLOCKS = ("UTC", "Atlantic/Reykjavik")  # what browsers that resist fingerprinting tell


def some(rng: np.random.Generator, size: int, share: float) -> Flags:
    return np.asarray(rng.random(size) < share)


def pay(rng: np.random.Generator, them: Newcomers, share: float) -> None:
    """So many have a card on file; the others are on the free plan."""
    people = them.people
    payers = some(rng, len(them), share)
    people.payment = np.where(payers, mix(people.seed, "card"), 0).astype(np.uint64)
    free_or_paid = rng.choice(["pay_as_you_go", "pro", "max"], len(them), p=[0.5, 0.4, 0.1])
    people.plan = np.where(payers, free_or_paid, "free").astype("<U14")


def over_vpn(rng: np.random.Generator, crowd: Crowd, them: Newcomers, rows: Flags) -> None:
    here = np.flatnonzero(rows)
    them.people.signup_address[here] = crowd.exits[rng.integers(0, len(crowd.exits), len(here))]


def by_phone(rng: np.random.Generator, crowd: Crowd, them: Newcomers, rows: Flags) -> None:
    """From a phone, behind an address of the mobile operator."""
    for country in np.unique(them.people.country[rows]):
        here = np.flatnonzero(rows & (them.people.country == country))
        carrier = crowd.carriers[str(country)]
        # Squared: an operator's addresses are not equally busy.
        them.people.signup_address[here] = carrier[(rng.random(len(here)) ** 1.5 * len(carrier)).astype(int)]
    them.browser = np.where(rows, browsers.pick(rng, len(them), "phone", "app"), them.browser)


def on_trips(rng: np.random.Generator, them: Newcomers, rows: Flags) -> None:
    """In another country for a while; three in five computers have set their clock to it."""
    here = np.flatnonzero(rows)
    names, share = lands.countries()
    there = names[rng.choice(len(names), len(here), p=share)]
    clock = rng.random(len(here)) < 0.6
    for country in np.unique(there):
        at = here[there == country]
        them.people.signup_address[at] = networks.addresses(rng, len(at), "access", str(country))
        zone = rng.choice(lands.people_of(str(country))["zones"], len(at)).astype(np.int32)
        set_ = clock[there == country]
        them.timezone[at[set_]] = lands.clocks(rng, zone[set_], str(country))


def mail(
    rng: np.random.Generator, crowd: Crowd, them: Newcomers, *, work: float = 0.0, relay: float = 0.0,
    own: float = 0.0, throwaway: float = 0.0,
) -> None:  # fmt: skip
    """So many have work mail, a relay that forwards, a domain of their own, or a mailbox for an hour."""
    size = len(them)
    draw = rng.random(size)
    bounds = np.cumsum([work, relay, own, throwaway])
    at_work, relayed, own_one, for_an_hour = (
        (draw < high) & (draw >= low) for low, high in zip([0.0, *bounds[:-1]], bounds, strict=True)
    )
    brand = at_work | own_one
    key = mix(them.people.seed, "domain")
    colleagues = np.flatnonzero(at_work)
    colleagues = colleagues[np.argsort(them.people.country[colleagues], kind="stable")]
    firm = key.copy()
    if len(colleagues):  # in the weeks of a window a small firm sends one, or a dozen
        firm[colleagues] = firm[colleagues][hours.leads(hours.teams(rng, len(colleagues), SMALL_FIRMS))]
    them.host[brand] = crowd.brands(firm[brand])
    age = np.minimum(rng.lognormal(np.log(1800.0), 1.2, size), 10_000.0)
    new = rng.random(size) < NEW_DOMAINS  # a project of this month
    age = np.where(new, rng.lognormal(np.log(15.0), 1.2, size) - them.people.created, age)
    _, first, place = np.unique(firm, return_index=True, return_inverse=True)
    earliest = np.full(len(first), np.inf)
    np.minimum.at(earliest, place, them.people.created)
    age = np.maximum(age[first], 0.1 - earliest)[place]  # as old for all of a firm, and older than their addresses
    them.domain_age = np.where(brand, age, them.domain_age)
    since = np.where(brand, age + them.people.created, np.inf)
    them.mailbox_age = np.where(
        them.mailbox_age > since, np.where(brand, since, 1.0) * rng.random(size), them.mailbox_age
    )
    scheme = np.char.add("scheme_", (mix(firm, "scheme") % np.uint64(5)).astype("<U1"))
    them.local = np.where(at_work, scheme, np.where(own_one, "own_domain", them.local)).astype("<U12")
    them.host = np.where(relayed, rng.choice(lands.RELAYS, size, p=[0.62, 0.12, 0.1, 0.1, 0.06]), them.host).astype(
        "<U48"
    )
    them.host = np.where(for_an_hour, rng.choice(lands.throwaway_hosts(), size), them.host).astype("<U48")
    them.local = np.where(relayed, "relay", np.where(for_an_hour, "throwaway", them.local)).astype("<U12")
    # A relay's address is made at sign-up, as a throwaway one is.
    them.mailbox_age = np.where(relayed | for_an_hour, rng.random(size) * 0.01, them.mailbox_age)


def students(rng: np.random.Generator, them: Newcomers, rows: Flags) -> None:
    """Come alone, with their school's address or, one in six, with another and a letter of the school."""
    for country in np.unique(them.people.country[rows]):
        here = np.flatnonzero(rows & (them.people.country == country))
        with_letter = rng.random(len(here)) < 0.16
        schools = rng.choice(lands.land(str(country))["academic"], len(here))
        them.host[here] = np.where(with_letter, them.host[here], schools)
        them.local[here] = np.where(with_letter, them.local[here], lands.school_schemes(schools))
        them.domain_age[here] = np.where(with_letter, them.domain_age[here], np.nan)
    them.people.pathway = np.where(rows, "education", them.people.pathway).astype("<U18")


def resist(rng: np.random.Generator, them: Newcomers, rows: Flags) -> None:
    """With a browser that tells everybody the same: English, a clock of nowhere, no print of the device."""
    size = len(them)
    old = next(place for place, one in enumerate(browsers.browsers()) if one["stack"] == "firefox-140")
    them.browser = np.where(rows, old, them.browser).astype(np.int16)
    them.locale = np.where(rows, "en-US", them.locale).astype("<U8")
    them.timezone = np.where(rows, rng.choice(ANONYMOUS_CLOCKS, size), them.timezone).astype("<U20")
    them.people.device = np.where(rows, 0, them.people.device).astype(np.uint64)


def banned(rng: np.random.Generator, crowd: Crowd, them: Newcomers, share: float) -> None:
    """Some are banned for other reasons, or by mistake; others close their account."""
    from_days = crowd.numbers["banned_after"]
    size, people = len(them), them.people
    after = people.created + rng.lognormal(np.log(from_days["median_days"]), from_days["sigma"], size)
    people.banned = np.where(some(rng, size, share) & (after < crowd.days), after, np.nan)
    closed = people.created + rng.exponential(9.0, size)
    closes = some(rng, size, crowd.world["closed"]) & (closed < crowd.days) & np.isnan(people.banned)
    people.closed = np.where(closes, closed, np.nan)


def begin(rng: np.random.Generator, crowd: Crowd, them: Newcomers) -> None:
    """When each sends its first request: at once mostly, days later, or never in the window."""
    numbers = crowd.numbers["first_exchange"]["honest"]
    size = len(them)
    first = them.people.created + rng.lognormal(np.log(numbers["median_days"]), numbers["sigma"], size)
    them.first = np.where(some(rng, size, numbers["never"]), np.nan, first)


def shared_key(crowd: Crowd, team: npt.NDArray[np.int64], *words: str) -> npt.NDArray[np.uint64]:
    """One key for each team's card, machine, firm or block of numbers."""
    return mix(team + 1, crowd.key(*words))
