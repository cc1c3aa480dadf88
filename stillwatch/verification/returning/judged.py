"""How likely it is that a newcomer continues a closed account, whose, and why. Pure: the same online and over a log.

The weights are those of ties between accounts (links/tie.py), with a third sort of newcomer between who returns and strangers:
who lives, works or studies beside a closed account (sharing.py). Nothing later than `Newcomer.at` is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log, log2

from stillwatch.config import Returns
from stillwatch.evidence import Reason
from stillwatch.verification.returning import behaviour
from stillwatch.verification.returning.closed import Candidate, Closed, Place
from stillwatch.verification.returning.newcomer import Newcomer, Sent, values
from stillwatch.verification.returning.population import Population
from stillwatch.verification.returning.sharing import Held, Shared, candidates, excess, shared

LEAST_BITS = 0.1  # for or against, from which an observation is worth a sentence
NAMED_OF = 64  # bans of a campaign, the last before a newcomer began, among which its predecessor is looked for
LOG2_E = 1.0 / log(2.0)  # bits of one e-fold
DELAY_HOURS = 6.0  # that a replacement takes on average (campaigns/replacement.py)
ALIKE = "how it is used alone, by its templates, its client and its volume, says no more than so much"
BESIDE = "somebody of the same household, employer or campus as the closed account, who did nothing"


@dataclass(frozen=True)
class Returning:
    """What is said of one newcomer at one moment. It accuses nobody: whoever acts on it looks at the reasons."""

    account_id: str
    at: float  # seconds since 1970
    exchanges: int  # that it was judged by
    likelihood: float  # 0..1 that it continues a closed account
    bits: float  # of evidence, before what is likely beforehand
    reasons: tuple[Reason, ...]  # heaviest first, those that speak for it among them
    account: str | None = None  # closed account whose place it takes most likely
    campaign: str | None = None  # whose accounts it continues; None for an account that was banned alone

    def linked(self, settings: Returns) -> bool:
        """Whether it is said to continue it."""
        return self.account is not None and self.likelihood >= settings.link

    def __str__(self) -> str:
        """One sentence."""
        if self.account is None:
            return f"{self.account_id} shares nothing with a closed account"
        whom = f"{self.campaign} (banned account {self.account})" if self.campaign else f"banned account {self.account}"
        return f"{self.account_id} continues {whom}: likelihood {self.likelihood:.2f}"


def judge(newcomer: Newcomer, closed: Closed, population: Population, settings: Returns) -> Returning:
    """Against everybody it could continue; the likeliest is told."""
    but = newcomer.signup.account_id
    sent, began = newcomer.seen, newcomer.began
    pairs = {
        (kind, value): closed.holding(kind, value, newcomer.at, but) for kind, value in values(newcomer.signup, sent)
    }
    held: Held = {key: Place.of(holders, newcomer.at) for key, holders in pairs.items() if holders}
    met = candidates(held) | {Candidate(campaign=one.campaign) for one in sent if one.campaign}
    told = _Told(newcomer, sent, began, held, closed, population, settings)
    found = [
        told.against(one, bans)
        for one in sorted(met, key=lambda one: (one.campaign, one.account_id))
        if (bans := closed.lost(one, began))
    ]
    if not found:
        return Returning(but, newcomer.at, len(sent), settings.prior, 0.0, ())
    return max(found, key=lambda one: (one.bits, one.account))


@dataclass(frozen=True)
class _Told:
    """What is known of a newcomer at the moment, held against one candidate after another."""

    newcomer: Newcomer
    sent: tuple[Sent, ...]
    began: float
    held: Held
    closed: Closed
    population: Population
    settings: Returns

    def against(self, candidate: Candidate, bans: Sequence[float]) -> Returning:
        """`bans` of the candidate before the newcomer began."""
        settings, population = self.settings, self.population
        have = shared(self.held, candidate, population.accounts(self.newcomer.at), settings)
        soon = behaviour.timing(self.began, bool(self.sent), candidate, bans, population, settings)
        did = (
            soon,
            behaviour.templates(self.sent, candidate, population, settings),
            behaviour.arrival(self.sent, candidate, population, settings),
        )
        beside = excess(have, soon.beside, settings)
        alike = sum(one.returns for one in have if one.kind.family == "product")
        alike += sum(one.bits for one in did[1:] if one is not None)
        over = max(alike - settings.usage, 0.0)
        bits = sum(one.returns for one in have) - beside + sum(one.bits for one in did if one is not None) - over
        odds = log2(settings.prior / (1.0 - settings.prior)) + bits
        return Returning(
            self.newcomer.signup.account_id,
            self.newcomer.at,
            len(self.sent),
            1.0 / (1.0 + 2.0**-odds),
            bits,
            _reasons(have, [one for one in did if one is not None], beside, over, candidate, settings),
            candidate.account_id or self._predecessor(candidate, have),
            candidate.campaign or None,
        )

    def _predecessor(self, candidate: Candidate, have: Sequence[Shared]) -> str:
        """Of a campaign's banned accounts, the one that shares the rarest things and was banned last."""
        lately = self.closed.lately(candidate.campaign, self.began, NAMED_OF)
        banned = {one.account_id: one.banned for one in lately}
        bits: dict[str, float] = {}
        for one in have:
            rarity = log2(max(self.population.accounts(self.began) / len(one.place.held), 1.0))
            for holder in one.place.held:
                if holder.banned <= self.began and holder.campaign == candidate.campaign:
                    banned[holder.account_id] = holder.banned
                    bits[holder.account_id] = bits.get(holder.account_id, 0.0) + rarity
        waited = {name: (self.began - at) / 3600.0 / DELAY_HOURS * LOG2_E for name, at in banned.items()}
        return max(banned, key=lambda name: (bits.get(name, 0.0) - waited[name], name))


def _reasons(
    have: Sequence[Shared],
    did: Sequence[behaviour.Done],
    beside: float,
    over: float,
    candidate: Candidate,
    settings: Returns,
) -> tuple[Reason, ...]:
    text = f"{settings.neighbours:.1%} of newcomers live, work or study beside a closed account and share such things"
    reasons = [
        *(Reason(f"shared_{one.kind.name}", _text(one, candidate), one.returns, one.kind.innocent) for one in have),
        *(Reason(one.code, one.text, one.bits, one.innocent) for one in did),
        Reason("beside", text, -beside, BESIDE, finding="innocence"),
        Reason("usage", ALIKE, -over, "an evaluation, or a product's new customer", finding="innocence"),
    ]
    worth = [one for one in reasons if abs(one.weight) >= LEAST_BITS]
    return tuple(sorted(worth, key=lambda one: (-abs(one.weight), one.code)))


def _text(one: Shared, candidate: Candidate) -> str:
    place = one.place
    if candidate.campaign:
        accounts = "1 account" if one.own == 1 else f"{one.own:,} accounts"
        who = f"{accounts} of {candidate.campaign} ({one.banned:,} banned) had"
    else:
        who = f"the banned account {candidate.account_id} had"
    others = len(place.held) - one.own
    beside = "nobody else" if not others else f"{others:,} others, {place.good:,} of them in good standing"
    return f"{one.kind.phrase} that {who}, and {beside}"


def moment(seconds: float) -> str:
    """RFC 3339, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
