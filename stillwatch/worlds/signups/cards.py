"""Cards: who issued each and how it is funded, by a card's key, so that accounts with one card tell the same of it.

Issuers are made up anew for each seed: their digits begin with 9, which no card network uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stillwatch.worlds.dice import U64, mix, seed_of, unit
from stillwatch.worlds.people import F64
from stillwatch.worlds.signups import lands
from stillwatch.worlds.signups.lands import Texts

VIRTUAL = "--"  # in place of a country: issuers of virtual cards, worldwide
VIRTUAL_LANDS = ("US", "US", "US", "GB", "GB", "SG", "HK", "NL")  # where those are licensed
TOLD_OF_VIRTUAL = (
    "virtual",
    "virtual",
    "prepaid",
    "prepaid",
    "debit",
    "credit",
)  # what a processor knows of such an issuer
BANK_TRANSFERS = 0.04  # share of payers who pay from a bank account


@dataclass(frozen=True)
class Issuers:
    """Of one country, the commonest first."""

    codes: Texts
    share: F64
    funding: Texts
    country: Texts

    def by(self, cards: U64) -> Texts:
        """The issuer of each card."""
        place = np.searchsorted(np.cumsum(self.share), unit(cards, "issuer")).clip(max=len(self.codes) - 1)
        return np.asarray(self.codes[place])


def issuers(seed: int, numbers: dict[str, Any]) -> dict[str, Issuers]:
    """By country; `VIRTUAL` is one of them."""
    found = {}
    for name in [*map(str, lands.countries()[0]), VIRTUAL]:
        virtual = name == VIRTUAL
        size = numbers["virtual_issuers"] if virtual else numbers["issuers_a_country"]
        share = 1.0 / np.arange(1, size + 1) ** numbers["issuers_zipf"]
        keys = mix(np.arange(size) + 1, seed_of(seed, "issuer", name) & 0xFFFFFFFF)
        digits = mix(keys, "digits") % np.uint64(10**7)
        length = np.where(unit(keys, "length") < 0.3, 8, 6)
        codes = np.array([f"9{int(d):07d}"[:n] for d, n in zip(digits, length, strict=True)], "<U12")
        if virtual:
            funding = np.array(TOLD_OF_VIRTUAL)[(mix(keys, "told") % np.uint64(len(TOLD_OF_VIRTUAL))).astype(int)]
            country = np.array(VIRTUAL_LANDS)[(mix(keys, "land") % np.uint64(len(VIRTUAL_LANDS))).astype(int)]
        else:
            prepaid = lands.land(name)["prepaid"]
            draw = unit(keys, "funding")
            funding = np.where(draw < prepaid, "prepaid", np.where(draw < 0.5, "credit", "debit"))
            if prepaid >= 0.15:
                funding[2] = "prepaid"  # one that everybody has who has no bank
            country = np.full(size, name)
        found[name] = Issuers(codes, share / share.sum(), funding.astype("<U8"), country.astype("<U2"))
    return found


def popular_prepaid(of_country: Issuers) -> str:
    """The prepaid issuer that most people of a country have; its commonest issuer where none is prepaid."""
    prepaid = np.flatnonzero(of_country.funding == "prepaid")
    return str(of_country.codes[prepaid[0] if len(prepaid) else 0])


def told(
    cards: U64, country: Texts, virtual: np.ndarray[Any, Any], given: Texts, known: dict[str, Issuers]
) -> tuple[Texts, Texts, Texts]:
    """Issuer, funding and country of each card. `given` issuers stand; the others are drawn by the card's key."""
    issuer, funding, of = given.copy(), np.full(len(cards), "", "<U8"), country.copy()
    place = np.where(virtual, VIRTUAL, country)
    for name in np.unique(place):
        here = np.flatnonzero((place == name) & (given == ""))
        issuer[here] = known[str(name)].by(cards[here])
    by_code = {c: (f, n) for one in known.values() for c, f, n in zip(one.codes, one.funding, one.country, strict=True)}
    for code in np.unique(issuer):
        here = issuer == code
        funding[here], of[here] = by_code[str(code)]
    bank = (unit(cards, "bank") < BANK_TRANSFERS) & (given == "") & ~virtual
    return np.where(bank, np.char.add("bank-", issuer), issuer), np.where(bank, "bank", funding), of
