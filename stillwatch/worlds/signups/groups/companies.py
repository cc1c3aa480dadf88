"""Firms: teams whose employer pays, enterprises that roll it out, start-ups of last month, agencies, declared resellers.

They look like operators: one card, one domain, one gateway, one image on every laptop, all within a day.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from stillwatch.worlds import networks
from stillwatch.worlds.dice import mix
from stillwatch.worlds.signups import browsers, hours
from stillwatch.worlds.signups.groups.habits import banned, begin, mail, pay, shared_key, some
from stillwatch.worlds.signups.newcomers import Crowd, Newcomers, moved

SAME_COUNTRY = 0.9  # share of a firm's staff that lives where the firm is


def employers(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """Five to two hundred of a firm within a day: its domain, its card or none, its office or its gateway."""
    rng, them, firm, first = _staff(crowd, "employers", numbers)
    size, people = len(them), them.people
    scheme = rng.random(size)[first]
    own = mix(people.seed, "card")
    card = np.where(scheme < numbers["one_card"], shared_key(crowd, firm, "company card"), own)
    people.payment = np.where(scheme > 1 - numbers["no_card"], 0, card).astype(np.uint64)
    people.plan = np.where(people.payment == 0, "free", people.plan).astype("<U14")
    people.payment_country = np.where(scheme < numbers["one_card"], people.country[first], people.country)
    them.virtual = some(rng, size, numbers["virtual"])[first]
    _offices(rng, them, first, numbers["egress"], some(rng, size, numbers["gateway"])[first])
    known = some(rng, size, numbers["known"])[first]
    people.org = np.where(known, shared_key(crowd, firm, "company"), 0).astype(np.uint64)
    managed = some(rng, size, numbers["managed"])[first]
    _images(crowd, rng, them, firm, first, managed, numbers)
    work = some(rng, size, numbers["work_phones"])[first] & (people.phone != 0)
    them.block = np.where(work, shared_key(crowd, firm, "company phones"), 0).astype(np.uint64)
    them.phone_country = np.where(work, people.country[first], them.phone_country)
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def enterprises(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """A rollout over days through a cloud gateway that inspects; declared mostly."""
    rng, them, firm, first = _staff(crowd, "enterprises", numbers)
    size, people = len(them), them.people
    people.payment[:] = 0
    people.plan[:] = "enterprise"
    people.pathway[:] = "enterprise"
    people.org = shared_key(crowd, firm, "enterprise")
    _offices(rng, them, first, 0.85, some(rng, size, 0.6)[first])
    _images(crowd, rng, them, firm, first, np.ones(size, bool), numbers)
    for number in np.unique(firm)[rng.random(firm.max() + 1) < numbers["declared"]]:
        here = np.flatnonzero(firm == number)[0]
        crowd.declared.append(("organization", int(people.org[here]), str(them.host[here])))
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def startups(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """One to seven founders with a young domain and a virtual card, from a shared office or from home."""
    rng, them, firm, first = _staff(crowd, "startups", numbers)
    size, people = len(them), them.people
    pay(rng, them, 0.6)
    one = some(rng, size, numbers["one_card"]) & (people.payment != 0)
    people.payment = np.where(one, shared_key(crowd, firm, "startup card"), people.payment).astype(np.uint64)
    people.payment_country = np.where(one, people.country[first], people.country)
    them.virtual = some(rng, size, numbers["virtual"])[first]
    age = rng.lognormal(np.log(numbers["domain_days"]), numbers["domain_sigma"], size)[first]
    them.domain_age = np.maximum(age, 1.0 - people.created[first])  # registered before its first mail address
    since = them.domain_age + people.created
    them.mailbox_age = np.where(them.mailbox_age > since, since * rng.random(size), them.mailbox_age)
    people.pathway = np.where(some(rng, size, 0.75)[first], "startup", "self_serve").astype("<U18")
    people.org = np.where(some(rng, size, 0.6)[first], shared_key(crowd, firm, "startup"), 0).astype(np.uint64)
    office = some(rng, size, numbers["same_office"])
    people.signup_address = np.where(office, people.address[first, 0], people.address[:, 0]).astype(np.uint32)
    cloud = some(rng, size, numbers["hosting"])
    people.signup_address[cloud] = networks.addresses(rng, int(cloud.sum()), "hosting")
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def agencies(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """An agency opens an account for each client: one card, one machine, one office; nobody declared anything."""
    rng, them, firm, first = _staff(crowd, "agencies", numbers)
    size, people = len(them), them.people
    people.payment = shared_key(crowd, firm, "agency card")
    people.payment_country = people.country[first].copy()
    hands = rng.integers(0, 3, size)  # staff who do it
    people.device = mix(firm * 8 + hands + 1, crowd.key("agency machine"))
    people.signup_address = people.address[first, 0].copy()
    them.browser = them.browser[first]
    them.locale, them.timezone = them.locale[first], them.timezone[first]
    clients = ~some(rng, size, numbers["own_mail"])[first]
    host = crowd.brands(mix(people.seed, "client"))
    them.host = np.where(clients, host, them.host).astype("<U48")
    them.domain_age = np.where(clients, np.minimum(rng.lognormal(np.log(1500.0), 1.2, size), 9e3), them.domain_age)
    them.local = np.where(clients, "own_domain", "client_of").astype("<U12")
    known = some(rng, size, numbers["known"])[first]
    people.org = np.where(known, shared_key(crowd, firm, "agency"), 0).astype(np.uint64)
    people.phone = np.where(some(rng, size, 0.4), shared_key(crowd, firm, "agency phone"), 0).astype(np.uint64)
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def resellers(crowd: Crowd, numbers: dict[str, Any]) -> None:
    """One payer for hundreds of customers' accounts, made by a program from its servers; declared, or not yet."""
    rng, them, firm, first = _staff(crowd, "resellers", numbers)
    size, people = len(them), them.people
    people.created = people.created[first] + rng.random(size) ** 1.2 * (crowd.days - people.created[first])
    people.payment = shared_key(crowd, firm, "reseller card")
    people.payment_country = people.country[first].copy()
    people.pathway[:] = "reseller"
    people.org = shared_key(crowd, firm, "reseller")
    people.phone[:] = 0
    people.device[:] = 0
    program = some(rng, size, numbers["by_program"])[first]
    servers = networks.addresses(rng, size, "hosting")[first]
    people.signup_address = np.where(program, servers, people.address[first, 0]).astype(np.uint32)
    tool = browsers.pick(rng, size, "odd")[first]
    them.browser = np.where(program, tool, them.browser[first]).astype(np.int16)
    them.locale = np.where(program, "", them.locale[first]).astype("<U8")
    them.timezone = np.where(program, "", them.timezone[first]).astype("<U20")
    mail(rng, crowd, them, work=0.6)
    for number in np.unique(firm)[rng.random(firm.max() + 1) < numbers["declared"]]:
        here = np.flatnonzero(firm == number)[0]
        crowd.declared.append(("reseller", int(people.org[here]), str(them.host[here])))
    begin(rng, crowd, them)
    banned(rng, crowd, them, numbers["banned"])


def _staff(crowd: Crowd, group: str, numbers: dict[str, Any]) -> tuple[np.random.Generator, Newcomers, Any, Any]:
    """People of firms: most in the firm's country, with its domain and its scheme of mail names, near in time."""
    rng, them = crowd.rng(group), crowd.strangers(group, crowd.count(numbers))
    size, people = len(them), them.people
    firm = hours.teams(rng, size, numbers["members"])
    first = hours.leads(firm)
    stays = some(rng, size, SAME_COUNTRY)
    moved(rng, them, np.where(stays, people.country[first], people.country))
    key = shared_key(crowd, firm, group, "domain")
    them.host = crowd.brands(key).astype("<U48")
    them.local = np.char.add("scheme_", (mix(key, "scheme") % np.uint64(5)).astype("<U1")).astype("<U12")
    them.domain_age = np.minimum(rng.lognormal(np.log(2200.0), 1.1, size), 10_000.0)[first]
    young = them.mailbox_age > them.domain_age
    them.mailbox_age = np.where(young, them.domain_age * rng.random(size), them.mailbox_age)
    begins = hours.moments(rng, people.zone, crowd.days, "office")[first]
    after = begins + rng.exponential(numbers.get("within_days", 0.0), size)
    people.created = hours.within(rng, after, begins, crowd.days)
    people.plan = rng.choice(["pay_as_you_go", "pro", "max"], size, p=[0.4, 0.3, 0.3]).astype("<U14")
    people.pathway[:] = "self_serve"
    return rng, them, firm, first


def _offices(rng: np.random.Generator, them: Newcomers, first: Any, inside: float, gateway: Any) -> None:
    """In the office or through the firm's gateway in a cloud; the others at home."""
    people, size = them.people, len(them)
    cloud = networks.addresses(rng, size, "hosting")[first]
    door = np.where(gateway, cloud, people.address[first, 0])
    at_work = some(rng, size, inside)
    people.signup_address = np.where(at_work, door, people.address[:, 0]).astype(np.uint32)


def _images(
    crowd: Crowd,
    rng: np.random.Generator,
    them: Newcomers,
    firm: Any,
    first: Any,
    managed: Any,
    numbers: dict[str, Any],
) -> None:
    """One image on every laptop: the same browser and language, at times the same print, and TLS that a firm inspects."""
    size, people = len(them), them.people
    image = browsers.pick(rng, size, "desktop")[first]
    them.browser = np.where(managed, image, them.browser).astype(np.int16)
    them.locale = np.where(managed, them.locale[first], them.locale)
    same = managed & some(rng, size, numbers["same_print"])[first]
    people.device = np.where(same, shared_key(crowd, firm, "image"), people.device).astype(np.uint64)
    inspected = some(rng, size, numbers["inspected"])[first]
    by = np.array(browsers.INSPECTIONS)[(mix(firm + 1, "by") % np.uint64(3)).astype(int)]
    them.stack = np.where(inspected, by, them.stack).astype("<U16")
