"""Made worlds of campaigns and of what a provider thinks it knows of their actors, for bench/attribution.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from stillwatch.evidence import CAPABILITIES
from stillwatch.sharing.attribution.actors import Actor, Corroboration, Earlier, Indicator, Library, Network, Release
from stillwatch.sharing.attribution.seen import Activity, Seen, Shown

KNOWN, STRANGERS, NETWORKS, CAMPAIGNS = 8, 8, 2, 40
BEGINS = date(2026, 1, 5)
OTHERS = 20_000  # accounts of no campaign
POOL = {
    "payment": 6, "device": 6, "phone": 4, "email-addr": 6, "ipv4-addr": 20, "domain-name": 4, "tls": 2, "headers": 2,
    "user-agent": 2, "template": 6,
}  # fmt: skip
USED_OUTSIDE = {"tls": 0.05, "headers": 0.08, "user-agent": 0.15, "domain-name": 0.002, "ipv4-addr": 0.0001}
PLANTED = {  # how many of a known actor's values of a kind one that plants can have
    "ipv4-addr": 0.3, "domain-name": 0.5, "tls": 1.0, "headers": 1.0, "user-agent": 1.0, "template": 0.7, "payment": 0.06,
    "device": 0.05,
}  # fmt: skip
KINDS = (
    ("known", 0.33),
    ("unknown", 0.20),
    ("unknown, plants", 0.13),
    ("unknown, buys cards", 0.06),  # plants, and holds two in five of the cards and devices that are listed
    ("network", 0.17),
    ("honest", 0.11),
)
HANDS = ("known", "unknown", "unknown, plants", "unknown, buys cards")  # fmt: skip
Random = np.random.Generator


@dataclass
class Hand:
    """One that harvests, known or not."""

    id: str
    pool: dict[str, list[str]]
    keeps: float  # share of its values that outlive a campaign
    sought: list[str]
    releases: list[Release]
    times: bool  # whether it harvests by its roadmap
    rents: list[int]  # networks
    rents_often: float  # how much of its traffic goes through them
    marks: frozenset[int]


@dataclass(frozen=True)
class Case:
    """A campaign, what is known, and who it was."""

    kind: str
    truth: str  # a hypothesis
    seen: Seen
    library: Library
    actors: tuple[str, ...] = field(default=())


def cases(random: Random, number: int) -> Iterator[Case]:
    """The campaigns of one world."""
    known = [_hand(random, f"k{one}", number) for one in range(KNOWN)]
    strangers = [_hand(random, f"s{one}", number) for one in range(STRANGERS)]
    networks = [[f"net{one}-{number}-{value}" for value in range(60)] for one in range(NETWORKS)]
    library = _library(random, known, strangers, networks)
    for place in range(CAMPAIGNS):
        kind = str(random.choice([name for name, _ in KINDS], p=[share for _, share in KINDS]))
        yield _case(random, f"C-{number}-{place}", kind, known, strangers, networks, library)


def _hand(random: Random, name: str, world: int) -> Hand:
    pool = {
        kind: [f"{kind}-{name}-{world}-{one}" for one in range(1 + random.poisson(many))] for kind, many in POOL.items()
    }
    for kind in ("tls", "headers", "user-agent"):  # of few builds that many use
        pool[kind] = [f"{kind}-{random.integers(0, 12)}" for _ in pool[kind]]
    sought = list(random.choice(CAPABILITIES[:9], int(random.integers(1, 4)), replace=False))
    rents = [one for one in range(NETWORKS) if random.random() < 0.35]
    releases = calendar(random, BEGINS, 240, int(random.integers(1, 6)), sought)
    return Hand(
        name, pool, random.beta(1.0, 7.0), [str(one) for one in sought], releases, random.random() < 0.5, rents,
        random.beta(2, 2), frozenset(int(one) for one in random.integers(0, 2**31, 60)),
    )  # fmt: skip


def calendar(random: Random, begins: date, days: int, many: int, capabilities: Sequence[str] = ()) -> list[Release]:
    """Releases, some weeks apart, mostly on Tuesdays to Thursdays."""
    gaps = random.uniform(0.6, 1.4, many)
    places = np.sort((gaps.cumsum() / gaps.sum() + random.random()) % 1.0 * days).astype(int)  # from any day on
    found = []
    for number, place in enumerate(places):
        day = begins + timedelta(days=int(place))
        if random.random() < 0.8:
            day += timedelta(days=int(random.integers(1, 4)) - day.weekday())
        good_at = tuple(str(one) for one in capabilities) if random.random() < 0.5 else ()
        found.append(Release(f"m{number}", day, "made", good_at))
    return found


def _library(random: Random, known: Sequence[Hand], strangers: Sequence[Hand], networks: list[list[str]]) -> Library:
    """What analysts wrote down: a part, some of it another's, graded by people who are sometimes wrong."""
    actors = []
    everybody = [*known, *strangers]
    for hand in known:
        listed, covers = [], random.uniform(0.05, 0.6)
        for kind, values in hand.pool.items():
            for value in values:
                if random.random() < covers:
                    listed.append(_indicator(random, kind, value, right=True))
        for _ in range(random.poisson(2)):  # laid to the wrong one
            other = everybody[random.integers(len(everybody))]
            kind = str(random.choice(list(POOL)))
            listed.append(_indicator(random, kind, str(random.choice(other.pool[kind])), right=False))
        for network in hand.rents:  # a network's address that nobody knew to be one
            if random.random() < 0.5:
                value = str(random.choice(networks[network]))
                listed.append(_indicator(random, "ipv4-addr", value, right=False))
        reviewed = BEGINS + timedelta(days=int(random.integers(-300, 120)))
        actors.append(
            Actor(
                hand.id, hand.id, "casework", "B2", reviewed, (), tuple(hand.sought) if random.random() < 0.7 else (),
                tuple(listed), tuple(hand.releases) if random.random() < 0.7 else (),
                (Earlier("C-0", "made"),) if random.random() < 0.4 else (),
            )
        )  # fmt: skip
    rented = []
    for number, values in enumerate(networks):
        tenants = tuple(hand.id for hand in known if number in hand.rents and random.random() < 0.7)
        held = tuple(Indicator("ipv4-addr", value, "net-watch", "B2") for value in values if random.random() < 0.5)
        rented.append(Network(f"net{number}", tenants, "net-watch", "B2", None, held))
    return Library(tuple(actors), tuple(rented))


def _indicator(random: Random, kind: str, value: str, right: bool) -> Indicator:
    grades = ["A1", "B2", "B3", "C3", "D4", "F6"]
    shares = [0.1, 0.4, 0.2, 0.2, 0.05, 0.05] if right else [0.02, 0.18, 0.2, 0.3, 0.15, 0.15]
    source = str(random.choice(["casework", "partner-1", "partner-2", "list"]))
    return Indicator(kind, value, source, str(random.choice(grades, p=shares)))


def _case(
    random: Random, name: str, kind: str, known: Sequence[Hand], strangers: Sequence[Hand], networks: list[list[str]],
    library: Library,
) -> Case:  # fmt: skip
    accounts = int(np.exp(random.uniform(np.log(8), np.log(800))))
    known_ids = tuple(one.id for one in known)
    hand = known[random.integers(len(known))] if kind == "known" else strangers[random.integers(len(strangers))]
    values: dict[tuple[str, str], int] = {}
    marks = frozenset(int(one) for one in random.integers(0, 2**31, 60))
    harvest, usual = float(random.beta(6, 2)), random.dirichlet(np.full(len(CAPABILITIES), 1.5))
    victim = None
    if kind in HANDS:
        through = hand.rents and random.random() < hand.rents_often
        harvest = float(random.beta(1.5, 6)) if through else harvest
        for value_kind, pool in hand.pool.items():
            if through and value_kind == "ipv4-addr":
                continue
            for value in pool:
                if random.random() < hand.keeps:
                    values[value_kind, value] = 1 + int(random.integers(0, max(accounts // 3, 1)))
        for network in hand.rents if through else ():
            for value in random.choice(networks[network], 15, replace=False):
                values["ipv4-addr", str(value)] = 1 + int(random.integers(0, accounts))
        if random.random() < 0.4:
            marks = frozenset([*list(hand.marks)[:45], *list(marks)[:15]])
    if kind in ("unknown, plants", "unknown, buys cards"):
        victim = known[random.integers(len(known))]
        listed = next(one for one in library.actors if one.id == victim.id).indicators
        effort = random.uniform(0.3, 1.0)  # of what it could plant
        planted = PLANTED | (dict.fromkeys(("payment", "device"), 0.4) if kind == "unknown, buys cards" else {})
        for one in listed:
            if random.random() < effort * planted.get(one.type, 0.0):
                values[one.type, one.value] = 1 + int(random.integers(0, max(accounts // 3, 1)))
        if random.random() < 0.3 * effort:
            marks = frozenset([*list(victim.marks)[:45], *list(marks)[:15]])
    if kind in ("network", "honest"):
        network = int(random.integers(NETWORKS))
        if kind == "network" or random.random() < 0.15:
            for value in random.choice(networks[network], 20, replace=False):
                values["ipv4-addr", str(value)] = 1 + int(random.integers(0, accounts))
        harvest = float(random.beta(1.5, 5)) if kind == "network" else harvest
    if kind == "network" and random.random() < 0.4:  # a tenant's device or card among the many
        tenant = [*known, *strangers][random.integers(KNOWN + STRANGERS)]
        for value_kind in ("device", "payment", "ipv4-addr"):
            if random.random() < 0.4:
                values[value_kind, str(random.choice(tenant.pool[value_kind]))] = 1
    for value_kind in ("tls", "headers", "user-agent"):
        values[value_kind, f"{value_kind}-{random.integers(0, 12)}"] = accounts
    truth = hand.id if kind == "known" else ("unknown" if kind.startswith("unknown") else kind)
    seen = Seen(
        name, BEGINS + timedelta(days=239), 0.97 if kind != "honest" else float(random.uniform(0.5, 0.97)), accounts,
        OTHERS, harvest, tuple(_shown(random, values, library)), _mix(random, hand, kind, usual),
        dict(zip(CAPABILITIES, usual.tolist(), strict=True)), marks,
        {one.id: _hand_of(known, one.id).marks for one in library.actors if one.earlier},
        _seen_days(random, hand, kind),
    )  # fmt: skip
    said = tuple(_partners(random, name, kind, truth, victim, known_ids))
    return Case(kind, truth, seen, Library(library.actors, library.networks, said), known_ids)


def _hand_of(known: Sequence[Hand], name: str) -> Hand:
    return next(one for one in known if one.id == name)


def _shown(random: Random, values: dict[tuple[str, str], int], library: Library) -> Iterator[Shown]:
    listed = {(one.type, one.value) for owner in (*library.actors, *library.networks) for one in owner.indicators}
    for (kind, value), inside in values.items():
        if (kind, value) in listed:
            yield Shown(kind, value, inside, int(random.poisson(OTHERS * USED_OUTSIDE.get(kind, 0.0))))
    for kind, value in sorted(listed - set(values)):  # of strangers that meet a value by chance
        if random.random() < 0.002:
            yield Shown(kind, value, 1, int(random.poisson(OTHERS * USED_OUTSIDE.get(kind, 0.0))))


def _mix(random: Random, hand: Hand, kind: str, usual: np.ndarray) -> dict[str, float]:
    weights = np.full(len(CAPABILITIES), 0.3) if kind != "honest" else usual.copy()
    if kind in HANDS:
        wants = [one for one in hand.sought if random.random() < 0.8]
        for one in wants:
            weights[CAPABILITIES.index(one)] += random.uniform(0.5, 5.0)
    else:  # as anybody who buys: code and reasoning above all
        weights[:2] += random.uniform(0.5, 3.0, 2)
    mix = random.dirichlet(weights * 2)
    return dict(zip(CAPABILITIES, mix.tolist(), strict=True))


def _partners(
    random: Random, name: str, kind: str, truth: str, victim: Hand | None, known: Sequence[str]
) -> Iterator[Corroboration]:
    """A partner speaks in a fifth of cases: mostly of whom it was, sometimes of whom the flags say, at times of anybody."""
    for partner in ("partner-1", "partner-2", "partner-3"):
        if random.random() > 0.12:
            continue
        said = truth if truth in known else None
        if victim is not None and random.random() < 0.6:
            said = victim.id
        if random.random() < 0.1:
            said = str(random.choice(list(known)))
        if said is not None:
            origin = partner if random.random() < 0.7 else "partner-1"
            yield Corroboration(name, said, partner, str(random.choice(["A2", "B2", "B3", "C3"])), origin)


def _seen_days(random: Random, hand: Hand, kind: str) -> Activity:
    days = int(random.choice([28, 60, 120, 240], p=[0.4, 0.2, 0.2, 0.2]))
    begins = BEGINS + timedelta(days=240 - days)
    provider = tuple(begins + timedelta(days=int(one)) for one in random.integers(0, days, 1 + days // 80))
    of = hand.releases if kind in HANDS and hand.times else ()
    return activity(random, begins, days, of, provider, lead=int(random.integers(0, 30)), spread=5)


def activity(
    random: Random,
    begins: date,
    days: int,
    follows: Sequence[Release],
    provider: Sequence[date],
    lead: int,
    spread: int,
) -> Activity:
    """Days of a campaign: it stops some weeks before each release that it follows, and for other reasons; all else moves."""
    week = 1.0 + 0.3 * np.sin(2 * np.pi * (np.arange(days) + begins.weekday()) / 7)
    shares = random.dirichlet(np.full(len(CAPABILITIES), 1.0))
    others = 5_000 * week[:, None] * shares * np.exp(random.normal(0, 0.1, (days, len(CAPABILITIES))))
    level = np.zeros((days, len(CAPABILITIES)))
    places = [CAPABILITIES.index(one) for one in ("coding", "agentic", "reasoning")]
    level[:, places] = random.uniform(20, 200)
    for day in provider:
        at = max((day - begins).days, 0)
        fading = np.exp(-np.arange(max(days - at, 0)) / 10.0)[:, None]
        others[at:] *= 1 + 0.8 * fading
        level[at:] *= 1 + 1.2 * fading
    stops = [(one.day - begins).days - lead + int(random.integers(-spread, spread + 1)) for one in follows] + [
        int(one) for one in random.integers(0, days, random.poisson(days / 90))
    ]
    for at in stops:
        lasts = int(random.integers(7, 25))
        if at < days:
            level[max(at, 0) : max(at + lasts, 0)] *= random.uniform(0.05, 0.4)
    noise = np.exp(random.normal(0, 0.3, (days, 1)))
    return Activity(
        begins, random.poisson(level * noise).astype(float), random.poisson(others).astype(float), tuple(provider)
    )
