"""What was seen as pieces of evidence: how likely each is if this or that hypothesis holds.

All bits are against an unknown actor, under whom everything is as likely as it is with strangers, and as it is when somebody
plants it. Where a campaign's accounts are registered, or what language its prompts are in, is no piece.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import log2

from stillwatch.campaigns.lineage import FEWEST_MARKS, SAME_WORDS
from stillwatch.evidence import CAPABILITIES
from stillwatch.render.wording import count, listed, percent, probability, word
from stillwatch.sharing.attribution import timing
from stillwatch.sharing.attribution.actors import Actor, Indicator, Library, right
from stillwatch.sharing.attribution.hypotheses import HONEST, NETWORK, Piece
from stillwatch.sharing.attribution.seen import Seen, Shown
from stillwatch.sharing.attribution.stated import FAMILY, MIXTURE, PARTNERS, SOUGHT, TEXTS, TIMING, Stated

_SMALL = 0.02  # chance, below which no capability's share is thought to lie
_WHAT = {
    "payment": "a card or bank account", "device": "a device", "phone": "a telephone number", "email-addr": "a mailbox",
    "ipv4-addr": "an address", "ipv6-addr": "an address", "domain-name": "a mail domain", "tls": "a TLS fingerprint",
    "headers": "an order of headers", "user-agent": "a name of a client", "template": "a template",
}  # fmt: skip


def pieces(seen: Seen, library: Library, stated: Stated, seed: int) -> tuple[list[Piece], list[str]]:
    """All pieces, and what could not be said, in sentences."""
    silent = list(seen.unknown)
    found = [
        *_indicators(seen, library, stated),
        *_nothing_shown(seen, library, stated),
        *_sought(seen, library.actors, stated),
        *_texts(seen, library.actors, stated),
        *_partners(seen, library),
        *_mixture(seen, library, stated),
        *_timing(seen, library.actors, seed, silent),
    ]
    return found, silent


def _listed(library: Library, seen: Seen) -> dict[tuple[str, str], list[tuple[str, bool, Indicator]]]:
    """By value: who is said to have it (actor or network, and whether that is a network)."""
    found: defaultdict[tuple[str, str], list[tuple[str, bool, Indicator]]] = defaultdict(list)
    for owner, shared, one in library.listed():
        if one.holds(seen.day) and one.campaign != seen.campaign:
            found[one.type, one.value].append((owner, shared, one))
    return found


def _indicators(seen: Seen, library: Library, stated: Stated) -> Iterator[Piece]:
    listed_by = _listed(library, seen)
    tenants = {one.id: one.tenants for one in library.networks}
    for shown in seen.shown:
        said = listed_by.get((shown.type, shown.value), [])
        if not said or not shown.inside:
            continue
        by_chance = 1.0 - (1.0 - min((shown.outside + 0.5) / (seen.others + 1.0), 1.0)) ** max(seen.accounts, 1)
        elsewhere = max(by_chance, stated.elsewhere[shown.type])
        direct = _grouped((name, one) for name, shared, one in said if not shared)
        through: defaultdict[str, float] = defaultdict(float)
        networks = _grouped((name, one) for name, shared, one in said if shared)
        for network, sure in networks.items():
            for name in tenants[network]:
                through[name] = max(through[name], sure)
        stranger = max(elsewhere, stated.of_stranger * max(networks.values(), default=0.0))
        shows = {name: sure * stated.recurs for name, sure in direct.items()}
        for name, sure in through.items():
            shows[name] = max(shows.get(name, 0.0), sure * stated.of_tenant)
        if networks:
            shows[NETWORK] = max(networks.values()) * stated.of_network
            shows[HONEST] = stated.of_honest
        # Named by several, it tells none of them: they share it, or one has it from the other.
        bits = {
            name: max(log2((chance + (1.0 - chance) * elsewhere) / stranger), 0.0) for name, chance in shows.items()
        }
        if networks and HONEST in shows:
            bits[HONEST] = min(log2(max(stated.of_honest, by_chance) / stranger), 0.0)
        sources = sorted({one.source for _, _, one in said})
        yield Piece(
            f"indicator:{FAMILY[shown.type]}", FAMILY[shown.type], _shown_text(shown, seen, said, tenants), bits,
            " and ".join(sources), max(right(one.grade) for _, _, one in said),
        )  # fmt: skip


def _grouped(said: Iterator[tuple[str, Indicator]]) -> dict[str, float]:
    """By name: the chance that at least one of the independent sources is right."""
    wrong: dict[str, dict[str, float]] = {}
    for name, one in said:
        by_source = wrong.setdefault(name, {})
        by_source[one.source] = min(by_source.get(one.source, 1.0), 1.0 - right(one.grade))
    found = {}
    for name, by_source in wrong.items():
        doubt = 1.0
        for chance in by_source.values():
            doubt *= chance
        found[name] = 1.0 - doubt
    return found


def _shown_text(
    shown: Shown, seen: Seen, said: Sequence[tuple[str, bool, Indicator]], tenants: dict[str, tuple[str, ...]]
) -> str:
    owners = [
        f"the network {name} ({listed(list(tenants[name])) or 'no known tenant'})" if shared else name
        for name, shared, _ in said
    ]
    outside = "nobody else shows" if not shown.outside else f"{count(shown.outside, 'account')} outside show as well"
    return (
        f"{shown.inside:,} of {count(seen.accounts, 'harvesting account')} show {_WHAT[shown.type]} that "
        f"{listed(sorted({one.source for _, _, one in said}))} laid to {listed(list(dict.fromkeys(owners)))}, and that "
        f"{outside}"
    )


def _nothing_shown(seen: Seen, library: Library, stated: Stated) -> Iterator[Piece]:
    """Silence of a fresh list: somewhat less likely if the campaign is its actor's."""
    shown = {(one.type, one.value) for one in seen.shown if one.inside}
    quiet = []
    for actor in library.actors:
        held = {(one.type, one.value) for one in actor.indicators if one.holds(seen.day)}
        fresh = actor.reviewed is not None and (seen.day - actor.reviewed).days <= stated.fresh_days
        if fresh and len(held) >= stated.fewest_listed and not held & shown:
            quiet.append(actor.id)
    if quiet and not seen.unknown:
        text = f"no value that {listed(quiet)} is known by is shown, though {_lists(quiet)} of late"
        yield Piece("nothing_shown", "infrastructure", text, dict.fromkeys(quiet, log2(stated.none_shown)))


def _lists(quiet: Sequence[str]) -> str:
    return "the list was reviewed" if len(quiet) == 1 else "the lists were reviewed"


def _sought(seen: Seen, actors: Sequence[Actor], stated: Stated) -> Iterator[Piece]:
    wanted = {one.id: one.sought for one in actors if one.sought}
    if not wanted or not seen.capabilities:
        return
    flat = {name: 1.0 / len(CAPABILITIES) for name in CAPABILITIES}
    usual = _mixed(seen.usual, flat, 0.5) if seen.usual else flat
    of_actor = {
        name: {
            one: (stated.to_sought / len(sought) if one in sought else 0.0) + (1 - stated.to_sought) * usual[one]
            for one in CAPABILITIES
        }
        for name, sought in wanted.items()
    }
    # Whoever harvests wants what is worth it, so an unknown actor is taken to want what the known ones want on the whole.
    anybody = {
        one: 0.5 * sum(mix[one] for mix in of_actor.values()) / len(of_actor) + 0.5 * usual[one] for one in CAPABILITIES
    }
    bits = {name: stated.choices * _gain(seen, mix, anybody) for name, mix in of_actor.items()}
    resold = stated.choices * _gain(seen, usual, anybody)
    most = [f"{word(name)} ({percent(share)})" for name, share in sorted(seen.capabilities.items(), key=_by_share)[:3]]
    yield Piece(
        "sought", SOUGHT, f"the harvest asks for {listed(most)}; what each actor is known to want was compared",
        {**bits, NETWORK: min(resold, 0.0), HONEST: min(resold, 0.0)},
    )  # fmt: skip


def _by_share(one: tuple[str, float]) -> tuple[float, str]:
    return -one[1], one[0]


def _mixed(shares: Mapping[str, float], flat: Mapping[str, float], share: float) -> dict[str, float]:
    return {name: share * shares.get(name, 0.0) + (1 - share) * flat[name] for name in flat}


def _gain(seen: Seen, mix: dict[str, float], against: dict[str, float]) -> float:
    whole = sum(seen.capabilities.values()) or 1.0
    return sum(
        share / whole * log2(max(mix[name], _SMALL) / max(against[name], _SMALL))
        for name, share in seen.capabilities.items()
        if name in mix
    )


def _texts(seen: Seen, actors: Sequence[Actor], stated: Stated) -> Iterator[Piece]:
    if len(seen.marks) < FEWEST_MARKS:
        return
    alike = {
        one.id: len(seen.marks & seen.earlier[one.id]) / len(seen.marks)
        for one in actors
        if len(seen.earlier.get(one.id, ())) >= FEWEST_MARKS
    }
    for name, share in sorted(alike.items()):
        same = share >= SAME_WORDS
        bits = (
            log2(stated.same_texts / stated.strangers_texts)
            if same
            else log2((1 - stated.same_texts) / (1 - stated.strangers_texts))
        )
        text = f"{percent(share)} of the words of its templates were in campaigns that were laid to {name} before"
        yield Piece("same_texts", TEXTS, text, {name: bits})


def _partners(seen: Seen, library: Library) -> Iterator[Piece]:
    """What partners saw; of those who have it from one hand, the surest."""
    by_origin: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for one in library.corroborations:
        if one.campaign == seen.campaign:
            by_origin.setdefault((one.origin, one.actor), []).append((right(one.grade), one.source))
    for (origin, actor), said in sorted(by_origin.items()):
        sure, source = max(said)
        bits = max(log2(sure / (1 - sure)), 0.0)
        text = f"{source} says from its own platform that this is {actor}"
        if len(said) > 1:
            text = f"{listed(sorted({name for _, name in said}))} say, all from {origin}, that this is {actor}"
        yield Piece("partner", PARTNERS, text, {actor: bits}, origin, sure)


def _mixture(seen: Seen, library: Library, stated: Stated) -> Iterator[Piece]:
    """Most of the traffic is somebody else's: a reseller's, or that of a reseller's tenant."""
    if seen.harvest >= stated.carried:
        return
    bits = {name: 0.7 for network in library.networks for name in network.tenants}
    text = f"only {percent(seen.harvest)} of what its accounts send was harvested: the rest is other people's traffic"
    yield Piece("carried", MIXTURE, text, {**bits, NETWORK: 1.0, HONEST: -1.0})


def _timing(seen: Seen, actors: Sequence[Actor], seed: int, silent: list[str]) -> Iterator[Piece]:
    calendars = {one.id: one.releases for one in actors if one.releases}
    if not calendars:
        return
    if seen.activity is None:
        silent.append("Timing was not looked at: the days of the campaign and of everybody else are not there.")
        return
    found = timing.fits(seen.activity, calendars, seed)
    for name, fit in found.items():
        if fit.corrected is None:
            continue
        text = (
            f"{count(fit.releases, 'release')} of {name}, against when the harvest fell off beside everybody else: "
            f"{probability(fit.corrected)} of a calendar drawn by chance, held to {count(_tried(found), 'actor')} tried"
            f"; the best lead is {count(fit.lead or 0, 'day')}"
        )
        yield Piece("timing", TIMING, text, {name: timing.bits(fit)})
    if too_few := sorted(name for name, fit in found.items() if fit.corrected is None):
        days = len(seen.activity.harvested)
        silent.append(
            f"Timing says nothing of {listed(too_few)}: it takes {timing.SHORTEST} days of a campaign and {timing.FEWEST} "
            f"releases that do not come like clockwork, and here are {count(days, 'day')} with "
            f"{listed([f'{found[name].releases} of {name}' for name in too_few])}."
        )


def _tried(found: dict[str, timing.Fit]) -> int:
    return sum(one.corrected is not None for one in found.values())


def stale(actor: Actor, on: date, stated: Stated) -> bool:
    """Whether nobody has looked at what is kept of an actor for long."""
    return actor.reviewed is None or (on - actor.reviewed).days > stated.fresh_days
