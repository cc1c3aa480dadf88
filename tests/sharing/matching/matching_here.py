"""Two providers in one folder: a holder that set up, and what it was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stillwatch.sharing.matching import asker, holder
from stillwatch.sharing.matching.epochs import DEFAULT, Limits
from stillwatch.sharing.matching.holder import Terms
from stillwatch.sharing.matching.identifiers import CAMPAIGN, Gathered, Held
from stillwatch.sharing.matching.kinds import USUAL
from stillwatch.sharing.matching.messages import MATCH
from stillwatch.sharing.matching.spent import Spent

NOW = 1_790_000_000.0
SECRET = bytes(range(32))


def values(those: Iterable[str], campaign: str = "", score: float = 0.0, prefix: str = "acct") -> Gathered:
    """Mailboxes, each of an account of its own."""
    held = {b"email\0" + one.encode(): Held([f"{prefix}-{one}"], campaign, score) for one in those}
    return Gathered(held, Counter())


@dataclass
class Two:
    state: Path
    set: bytes
    spent: Spent

    def evaluated(self, request: bytes, partner: str = "south", now: float = NOW) -> bytes:
        return holder.evaluated(self.state, partner, request, now, self.spent, 1)

    def asked(self, found: Gathered, secret: bytes = SECRET) -> asker.Answer:
        request = asker.request(self.set, found, secret, NOW, 1)
        return asker.finished(self.set, found, secret, self.evaluated(request), NOW, 1)


def set_up(state: Path, found: Gathered, mode: str = MATCH, epoch: str = "2026-11", limits: Limits = DEFAULT) -> Two:
    terms = Terms("north", "south", epoch, int(NOW) + 86_400, USUAL, CAMPAIGN, mode, limits)
    return Two(state, holder.set_up(state, terms, found, 1), Spent(state))
