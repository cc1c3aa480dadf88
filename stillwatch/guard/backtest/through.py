"""A policy taken through a laid-down log, day by day: what it would have done, asked for and let through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.guard.actions import IN_PLACE
from stillwatch.guard.backtest.looks import Looks
from stillwatch.guard.backtest.meters import Meters
from stillwatch.guard.backtest.rows import DAY, Laid
from stillwatch.guard.backtest.segments import SECRET, Decided
from stillwatch.guard.backtest.tally import Harvest, Tally, admitted
from stillwatch.guard.decide import Ready
from stillwatch.guard.limits import Limits
from stillwatch.guard.policy import Policy
from stillwatch.guard.registered import Registered

_MICROS = 1_000_000  # in a second


@dataclass
class Through:
    """What a policy would have done on a log, all its rules live."""

    tallies: list[Tally]
    limits: Limits
    taken: Harvest  # all that campaigns got
    stopped_asked: Harvest  # of it, without an answer if no rule had a limit
    stopped: Harvest  # as limits let it
    by_action: dict[str, tuple[int, np.ndarray]]  # action → exchanges, and of each account whether it met it


def through(
    policy: Policy, laid: Laid, looks: Looks, accounts: pa.Table, registered: Registered, campaigns: int,
    as_dated: bool, advances: Callable[[int], None],
) -> Through:  # fmt: skip
    """All rules are taken as live, from the beginning of the log to its end unless `as_dated`."""
    ready = Ready(tried(policy, laid, as_dated), [rule.id for rule in policy.rules], SECRET)
    walk = _Walk(ready, laid, Decided(ready, laid, accounts, registered), _Owners(laid, accounts), campaigns)
    upcoming = list(range(len(looks.times)))
    while upcoming and looks.times[upcoming[0]] * _MICROS <= laid.first:
        walk.take(looks, upcoming.pop(0))
    done = 0
    for day in sorted(laid.days):
        rows = laid.day(day)
        ends = (day + 1) * DAY
        start = 0
        while start < len(rows):
            until = min(looks.times[upcoming[0]] * _MICROS if upcoming else ends, ends)
            stop = int(np.searchsorted(rows["at"], until))
            for piece in _between(rows[start:stop], walk.decided.cuts(day)):
                walk.go(piece, day)
            start = stop
            if upcoming and until == looks.times[upcoming[0]] * _MICROS:
                walk.take(looks, upcoming.pop(0))
        done += len(rows)
        advances(done)
    return walk.gone


def tried(policy: Policy, laid: Laid, as_dated: bool) -> Policy:
    """The policy as it is tried: everything live that is not off, over the whole log."""
    starts = datetime.fromtimestamp(laid.first / _MICROS, UTC).replace(microsecond=0)
    ends = datetime.fromtimestamp(laid.last / _MICROS, UTC) + timedelta(seconds=1)
    live = [rule if rule.mode == "off" else replace(rule, mode="live") for rule in policy.rules]
    rules = live if as_dated else [replace(rule, starts=starts, expires=ends) for rule in live]
    return replace(policy, rules=tuple(rules))


def _between(rows: np.ndarray, cuts: list[int]) -> Iterator[np.ndarray]:
    places = [0, *np.searchsorted(rows["at"], np.array(cuts, np.int64)).tolist(), len(rows)]
    for start, stop in pairwise(places):
        if start < stop:
            yield rows[start:stop]


class _Owners:
    """Slots of budgets: one for each account, then one for each organisation, then one for each campaign met."""

    def __init__(self, laid: Laid, accounts: pa.Table) -> None:
        self.accounts = len(laid.accounts)
        names = pa.array(list(laid.accounts), pa.string())
        ids = accounts["account_id"].combine_chunks()
        own = accounts["organization_id"].combine_chunks().take(pc.index_in(names, ids))
        place = laid.named.index("organization.id") if "organization.id" in laid.named else None
        asked = [request[place] if place is not None else "" for request in laid.requests]
        self._slots: dict[tuple[str, str], int] = {}
        self._of_account = np.array([self.slot("organization", name or "") for name in own.to_pylist()], np.int64)
        self._of_request = np.array([self.slot("organization", name) for name in asked], np.int64)
        self.most = self.accounts + len(self._slots) + _MOST_CAMPAIGNS

    def slot(self, kind: str, name: str) -> int:
        """-1 of no name: who is in none has a budget of his own."""
        return self._slots.setdefault((kind, name), self.accounts + len(self._slots)) if name else -1

    def of(self, kind: str, rows: np.ndarray, campaign: np.ndarray) -> np.ndarray:
        """Whose slot each row counts in; `campaign` has the slot of each account's."""
        account = rows["account"].astype(np.int64)
        if kind == "campaign":
            return np.where(campaign[account] >= 0, campaign[account], account)
        if kind == "organization":
            asked = self._of_request[rows["request"]]
            shared = np.where(asked >= 0, asked, self._of_account[account])
            return np.where(shared >= 0, shared, account)
        return account


_MOST_CAMPAIGNS = 100_000  # names that campaigns had over all looks: a slot each, 12 bytes a budget


class _Walk:
    """Everything that changes on the way."""

    def __init__(self, ready: Ready, laid: Laid, decided: Decided, owners: _Owners, campaigns: int) -> None:
        self.rules, self.decided = ready.rules, decided
        self._owners, self._laid = owners, laid
        accounts = len(laid.accounts)
        self._accused = np.zeros(accounts, np.bool_)
        self._campaign = np.full(accounts, -1, np.int64)
        self._meters_asked, self._meters = Meters(self.rules, owners.most), Meters(self.rules, owners.most)
        self._looked = False
        self.gone = Through(
            [Tally(rule, accounts) for rule in self.rules], Limits(),
            Harvest(campaigns), Harvest(campaigns), Harvest(campaigns),
            {one.name: (0, np.zeros(accounts, np.bool_)) for rule in self.rules for one in rule.do},
        )  # fmt: skip

    def take(self, looks: Looks, place: int) -> None:
        """A look is taken: rules that hit people who turn out to be in no campaign stop, as in life."""
        look = looks.take(place)
        self.decided.take(look)
        self._accused[:], self._campaign[:] = False, -1
        for account, known in look.standing.items():
            code = self._laid.accounts.get(account)
            if code is not None and "campaign.id" in known:
                self._accused[code] = known["account.verdict"] == "campaign"
                self._campaign[code] = self._owners.slot("campaign", known["campaign.id"])
        if self._looked:
            self.gone.limits.reviewed(
                self.rules, lambda name: "campaign" if self._accused[self._laid.accounts[name]] else "clear"
            )
        self._looked = True

    def go(self, rows: np.ndarray, day: int) -> None:
        """Rows between two moments at which decisions may change."""
        groups, live = self.decided.live(rows)
        asked, let = [], []
        for place, (rule, tally) in enumerate(zip(self.rules, self.gone.tallies, strict=True)):
            applies = live[groups, place] if live[:, place].any() else np.zeros(len(rows), np.bool_)
            asked.append(applies)
            mine = np.flatnonzero(applies)
            if rule.acts and len(mine):
                may = admitted(
                    self.gone.limits, rule, rows["account"][mine], self.decided.names, self._accused,
                    rows["at"][mine[0]] / _MICROS,
                )  # fmt: skip
                applies = applies.copy()
                applies[mine[~may]] = False
            let.append(applies)
            if len(mine):
                tally.applies(rows[mine], day)
                tally.lets(rows[applies])
        self.gone.taken.adds(rows)
        self.gone.stopped_asked.adds(rows[self._without(rows, asked, self._meters_asked)[0]])
        without, by_rule = self._without(rows, let, self._meters)
        self.gone.stopped.adds(rows[without])
        for tally, stopped in zip(self.gone.tallies, by_rule, strict=True):
            if stopped.any():
                tally.stops(rows[stopped])
        self._by_action(rows, let)

    def _without(
        self, rows: np.ndarray, acting: list[np.ndarray], meters: Meters
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Rows that get no answer, and by which rules."""
        in_place = [
            applies if any(isinstance(one, IN_PLACE) for one in rule.do) else np.zeros(len(rows), np.bool_)
            for rule, applies in zip(self.rules, acting, strict=True)
        ]
        answered = np.logical_or.reduce([np.zeros(len(rows), np.bool_), *in_place])
        if meters.of:
            owners = np.stack([
                np.where(acting[place] & ~answered, self._owners.of(meters.shared_by(meter), rows, self._campaign), -1)
                for meter, (place, _) in enumerate(meters.of)
            ])  # fmt: skip
            by = meters.refused(rows, owners)
            for meter, (place, _) in enumerate(meters.of):
                in_place[place] = in_place[place] | (by == meter)
            answered = answered | (by >= 0)
        return answered, in_place

    def _by_action(self, rows: np.ndarray, let: list[np.ndarray]) -> None:
        for name, (exchanges, accounts) in self.gone.by_action.items():
            having = [one for rule, one in zip(self.rules, let, strict=True) if any(a.name == name for a in rule.do)]
            met = np.logical_or.reduce(having)
            accounts[rows["account"][met]] = True
            self.gone.by_action[name] = (exchanges + int(np.count_nonzero(met)), accounts)
