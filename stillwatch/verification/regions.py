"""Regions where a provider offers no service: a policy with its grounds, and the evidence that counts. No part of any score.

A policy says where, on what ground, since when and where that is written down. What it leads to is a question, or a refusal
with that reference. Where evidence contradicts itself (a traveller, an expatriate, a VPN) it is a question, whatever the
policy says. Nationality, language and names are no evidence of where a customer is: a policy that asks for them is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.toml_file import read_toml
from stillwatch.verification.outcome import STEPS
from stillwatch.verification.signup import Signup

OUTCOMES = ("ask", "refuse")
NEXT = "docs/verification-regions.md"
MAJORITY = (
    0.5  # a company is of a region when more than this share of it is: the bound of Anthropic's policy of 2025-09
)

# Kinds of evidence, and whence each comes: two of one origin are one piece of evidence, said twice.
ORIGINS = {
    "billing_country": "payment",  # of the means of payment, as the processor tells
    "document_country": "identity",  # that issued the identity document
    "organization_seat": "organization",  # registered seat of the organisation
    "ownership": "organization",  # more than half of it belongs to entities of the region, directly or not
    "declared_country": "declaration",  # what the customer says
    "address_country": "network",  # of the network address
}
# A document is carried abroad and an address is rented: neither says by itself, or with the other, where a customer is.
NEVER_ALONE = frozenset({"document_country", "address_country"})
NO_EVIDENCE = {
    "nationality": "where somebody was born or holds a passport says nothing of where he lives or for whom he works",
    "citizenship": "where somebody holds a passport says nothing of where he lives or for whom he works",
    "ethnicity": "it is no evidence of anything",
    "language": "a language is spoken in many places, and by everybody who moved",
    "timezone": "a time zone is a setting, and spans many countries",
    "name": "a name is no place",
    "surname": "a name is no place",
}
UNKNOWN = frozenset({"XX", "ZZ", "T1"})  # what CLDR and content delivery networks write where they do not know
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")  # ISO 3166-1 alpha-2, or a subdivision of ISO 3166-2
_ENTRY = {
    "country": str, "ground": str, "since": date, "source": str, "outcome": str, "step": str, "needed": int,
    "evidence": list,
}  # fmt: skip
_REQUIRED = ("country", "ground", "since", "source")


@dataclass(frozen=True)
class Region:
    """One entry of a policy."""

    country: str  # ISO 3166-1 alpha-2, or ISO 3166-2
    ground: str  # the law or the contract that it rests on
    since: date
    source: str  # where that is written down
    outcome: str = "ask"  # of OUTCOMES
    step: str = "organization"  # of STEPS, when it is asked
    needed: int = 2  # origins of evidence: one can be mistaken
    evidence: tuple[str, ...] = tuple(ORIGINS)  # kinds that count


@dataclass(frozen=True)
class Facts:
    """What was told of where a customer is; empty where nothing was. Countries as in a policy."""

    declared_country: str = ""
    billing_country: str = ""
    document_country: str = ""
    organization_seat: str = ""
    address_country: str = ""
    ownership: Mapping[str, float] = field(default_factory=dict)  # country → share of the organisation, 0..1

    @classmethod
    def of(cls, signup: Signup) -> Facts:
        """What a sign-up tells; documents, seat and owners come from later steps."""
        return cls(signup.declared_country, signup.payment_country, address_country=signup.country)


@dataclass(frozen=True)
class RegionFinding:
    """What a policy says of a customer: no likelihood and no bits, since nobody is suspected of anything."""

    country: str
    outcome: str  # of OUTCOMES
    step: str  # what is asked; empty for a refusal
    ground: str
    since: str  # RFC 3339 date
    source: str
    evidence: tuple[tuple[str, str], ...]  # kind and value, of those that point there
    against: tuple[tuple[str, str], ...]  # of those that point elsewhere
    says: str  # in words, fit to be told to the customer


def region_finding(policy: tuple[Region, ...], facts: Facts) -> RegionFinding | None:
    """What the policy says of a customer, or None; the entry that most evidence points to, the first of equals."""
    found = [(len(_origins(one.evidence)), one) for region in policy if (one := _finding(region, facts)) is not None]
    return max(found, key=lambda item: item[0])[1] if found else None


def _finding(region: Region, facts: Facts) -> RegionFinding | None:
    there, elsewhere = [], []
    for kind in region.evidence:
        if kind == "ownership":
            share = sum(part for country, part in facts.ownership.items() if _within(country, region.country))
            if share > MAJORITY:
                there.append((kind, f"{share:.0%}"))
            elif facts.ownership:
                elsewhere.append((kind, f"{share:.0%}"))
            continue
        value = getattr(facts, kind)
        if value and not region.country.startswith(f"{value}-"):  # a whole country says nothing of one part of it
            (there if _within(value, region.country) else elsewhere).append((kind, value))
    if len(_origins(there)) < region.needed or {kind for kind, _ in there} <= NEVER_ALONE:
        return None
    # An owner's region counts wherever the company sits, so a seat or a bill elsewhere is no contradiction to it.
    owned = any(kind == "ownership" for kind, _ in there)
    outcome = "ask" if elsewhere and not owned else region.outcome
    return RegionFinding(
        region.country, outcome, region.step if outcome == "ask" else "", region.ground, region.since.isoformat(),
        region.source, tuple(there), tuple(elsewhere), _says(region, outcome, there, elsewhere),
    )  # fmt: skip


def _origins(evidence: Any) -> set[str]:
    return {ORIGINS[kind] for kind, _ in evidence}


def _within(value: str, region: str) -> bool:
    """Whether a country or subdivision is the region or a part of it; a country is never within its own part."""
    return value == region or value.startswith(f"{region}-")


def _says(region: Region, outcome: str, there: list[tuple[str, str]], elsewhere: list[tuple[str, str]]) -> str:
    told = ", ".join(f"{kind.replace('_', ' ')} {value}" for kind, value in there)
    text = f"Service is not offered in {region.country} ({region.ground}; {region.source}). What points there: {told}."
    if elsewhere:
        text += " What points elsewhere: " + ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in elsewhere) + "."
    return f"{text} {'Please show where you are.' if outcome == 'ask' else 'The decision can be appealed.'}"


def load(path: Path) -> tuple[Region, ...]:
    """A policy file: `[[region]]` entries, each with ground, since and source (docs/verification-regions.md)."""
    document = read_toml(path, "region policy not readable", "a TOML file", NEXT)
    _keys(document, {"region"}, str(path))
    entries = document.get("region", [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise BadConfiguration("regions are not a list of entries", str(path), "[[region]] and keys under it", NEXT)
    made = tuple(_region(one, f"{path}: region {place}") for place, one in enumerate(entries, start=1))
    twice = {one.country for place, one in enumerate(made) if one.country in {other.country for other in made[:place]}}
    if twice:
        raise BadConfiguration("two entries for one region", f"{path}: {min(twice)}", "one entry each", NEXT)
    return made


def _region(entry: dict[str, Any], where: str) -> Region:
    _keys(entry, set(_ENTRY), where)
    if lacking := [name for name in _REQUIRED if not entry.get(name)]:
        raise BadConfiguration(
            f"an entry without {', '.join(lacking)}", where, ", ".join(_REQUIRED),
            "say on what ground service is refused, since when, and where that is written down",
        )  # fmt: skip
    for name, value in entry.items():
        if type(value) is not _ENTRY[name]:
            raise BadConfiguration(
                f"{value!r} is not of the right type", f"{where}.{name}", _ENTRY[name].__name__, NEXT
            )
    kinds = entry.get("evidence", list(ORIGINS))
    for kind in kinds:
        _keys({kind: None}, set(ORIGINS), f"{where}.evidence")
    region = Region(**{**entry, "evidence": tuple(kinds)})
    checks = (
        (
            _COUNTRY.fullmatch(region.country) and region.country not in UNKNOWN, "country",
            "ISO 3166, two letters, with a subdivision or without",
        ),
        (region.outcome in OUTCOMES, "outcome", " or ".join(OUTCOMES)),
        (region.step in STEPS, "step", ", ".join(STEPS)),
        (
            1 <= region.needed <= len({ORIGINS[kind] for kind in kinds}), "needed",
            "1 or more, and not more than its kinds of evidence have origins",
        ),
        (set(kinds) - NEVER_ALONE, "evidence", f"one kind at least besides {', '.join(sorted(NEVER_ALONE))}"),
        (
            region.needed > 1 or set(kinds) <= {"organization_seat", "ownership"}, "needed",
            "2 or more; 1 where only organization_seat and ownership count, which a register says",
        ),
    )  # fmt: skip
    for holds, name, allowed in checks:
        if not holds:
            raise BadConfiguration(f"{getattr(region, name)!r} cannot stand here", f"{where}.{name}", allowed, NEXT)
    return region


def _keys(document: Mapping[str, Any], allowed: set[str], where: str) -> None:
    for name in document:
        if str(name).lower() in NO_EVIDENCE:
            raise BadConfiguration(
                f"{name} is no evidence: {NO_EVIDENCE[str(name).lower()]}", where, ", ".join(sorted(allowed)), NEXT
            )
        if name not in allowed:
            raise BadConfiguration(f"no such key: {name}", where, ", ".join(sorted(allowed)), NEXT)
