"""What a rule would have done, counted by account: asked for, let through by its limit, and left without an answer."""

from __future__ import annotations

import numpy as np

from stillwatch.guard.limits import Limits
from stillwatch.guard.policy import Rule


class Tally:
    """Of one rule. Arrays have a place for every account; pages of those it never touches take no memory."""

    def __init__(self, rule: Rule, accounts: int) -> None:
        self.rule = rule
        self.asked = np.zeros(accounts, np.int32)  # exchanges it applied to
        self.let = np.zeros(accounts, np.int32)  # of those, as its limit lets it
        self.stopped = np.zeros(accounts, np.int32)  # of those, without an answer because of it
        self.stopped_tokens = np.zeros(accounts, np.int64)  # of the answers, as they were
        self.stopped_harvest = 0  # exchanges attributed to a campaign
        self.first = np.zeros(accounts, np.int64)  # when it first applied, microseconds since 1970
        self.a_day = 0  # most accounts on one day
        self._last_day = np.zeros(accounts, np.int32)
        self._day, self._of_day = 0, 0

    def applies(self, rows: np.ndarray, day: int) -> None:
        """To these exchanges of a day, in order of time."""
        accounts, first, counts = np.unique(rows["account"], return_index=True, return_counts=True)
        self.asked[accounts] += counts.astype(np.int32)
        new = self.first[accounts] == 0
        self.first[accounts[new]] = rows["at"][first[new]]
        if day != self._day:
            self._day, self._of_day = day, 0
        self._of_day += int(np.count_nonzero(self._last_day[accounts] != day))
        self._last_day[accounts] = day
        self.a_day = max(self.a_day, self._of_day)

    def lets(self, rows: np.ndarray) -> None:
        """Its limit lets it act on these."""
        accounts, counts = np.unique(rows["account"], return_counts=True)
        self.let[accounts] += counts.astype(np.int32)

    def stops(self, rows: np.ndarray) -> None:
        """It leaves these without an answer."""
        accounts, places, counts = np.unique(rows["account"], return_inverse=True, return_counts=True)
        self.stopped[accounts] += counts.astype(np.int32)
        self.stopped_tokens[accounts] += np.bincount(places, rows["output"], len(accounts)).astype(np.int64)
        self.stopped_harvest += int(np.count_nonzero(rows["campaign"] >= 0))


def admitted(
    limits: Limits, rule: Rule, accounts: np.ndarray, names: list[str], accused: np.ndarray, now: float
) -> np.ndarray:
    """Which of a rule's requests, by account and in order of time, its limit lets it act on.

    An account that is let through once is so for the day, and one that is not, not; unless the rule stops for good.
    """
    let = np.zeros(len(accounts), np.bool_)
    distinct, first, places = np.unique(accounts, return_index=True, return_inverse=True)
    allowed = np.zeros(len(distinct), np.bool_)
    for place in np.argsort(first):
        if limits.of(rule).stopped:
            break
        account = distinct[place]
        verdict = "campaign" if accused[account] else "clear"
        facts = {"account.id": names[account], "client.address": "", "account.verdict": verdict}
        allowed[place] = limits.admits(rule, facts, now)
        if limits.of(rule).stopped:
            let[: first[place]] = allowed[places[: first[place]]]
            return let
    return allowed[places]


class Harvest:
    """What campaigns got, and what of it would have been stopped; one place for each campaign."""

    def __init__(self, campaigns: int) -> None:
        self.exchanges = np.zeros(campaigns, np.int64)
        self.tokens = np.zeros(campaigns, np.int64)  # of answers
        self.first = np.zeros(campaigns, np.int64)  # microseconds since 1970; 0 is never

    def adds(self, rows: np.ndarray) -> None:
        """These exchanges, in order of time; those of no campaign do not count."""
        own = rows[rows["campaign"] >= 0]
        if not len(own):
            return
        self.exchanges += np.bincount(own["campaign"], minlength=len(self.exchanges))
        self.tokens += np.bincount(own["campaign"], own["output"], len(self.tokens)).astype(np.int64)
        met, first = np.unique(own["campaign"], return_index=True)
        new = self.first[met] == 0
        self.first[met[new]] = own["at"][first[new]]
