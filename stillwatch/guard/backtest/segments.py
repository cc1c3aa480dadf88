"""What a policy decides, once for each distinct combination of the facts that it asks for.

A decision depends on few facts, and on time only through moments: a day begins, a look is taken, a rule begins or ends, a wave
comes in. Between two of these, rows that agree in the facts are decided alike, by one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.guard import waves
from stillwatch.guard.actions import TokenBudget
from stillwatch.guard.backtest.looks import Look, found_here
from stillwatch.guard.backtest.rows import DAY, Laid
from stillwatch.guard.conditions import facts_named
from stillwatch.guard.decide import Ready, decide
from stillwatch.guard.facts import BY_NAME, NOTHING_KNOWN
from stillwatch.guard.policy import Policy, Rule
from stillwatch.guard.registered import Registered

SECRET = b"backtest"  # waves come at other moments in life, as often
_SCOPES = {
    "models": "request.model", "endpoints": "request.endpoint", "pathways": "account.pathway", "campaigns": "campaign.id",
    "accounts": "account.id",
}  # fmt: skip
_MICROS = 1_000_000  # in a second


def asked_for(policy: Policy) -> frozenset[str]:
    """Facts that have to be known of each request: those that decide, and whose budget it counts in."""
    named = _decisive(policy.rules)
    shared = {one.of for rule in policy.rules for one in rule.do if isinstance(one, TokenBudget)}
    return named | {"organization.id"} if named & _ORGANIZATION or "organization" in shared else named


def named_by(rule: Rule) -> frozenset[str]:
    """Facts on which it depends whether a rule applies."""
    scopes = {fact for scope, fact in _SCOPES.items() if getattr(rule.scope, scope)}
    return frozenset(facts_named(rule.when) | scopes | ({"campaign.id"} if rule.wave else set()))


def _decisive(rules: Sequence[Rule]) -> frozenset[str]:
    return frozenset[str]().union(*(named_by(rule) for rule in rules if rule.mode != "off"))


class Decided:
    """A policy over a log: which of its rules apply to each row."""

    def __init__(self, ready: Ready, laid: Laid, accounts: pa.Table, registered: Registered) -> None:
        self._ready, self._laid, self._registered = ready, laid, registered
        self._named = _decisive(ready.rules)
        self._waves = any(rule.wave for rule in ready.rules)
        self.names = list(laid.accounts)
        self._requests = list(laid.requests)
        self._of_request = self._alike(
            [self._decisive_of(dict(zip(laid.named, one, strict=True))) for one in laid.requests]
        )
        places = pc.index_in(pa.array(self.names, pa.string()), accounts["account_id"].combine_chunks())
        own = [accounts[column].take(places) for fact, column in _BY_REGISTRATION.items() if fact in self._named]
        if _ORGANIZATION & self._named:
            own.append(
                pa.array(map(self._organization, accounts["organization_id"].take(places).to_pylist()), pa.string())
            )
        self._of_account = np.arange(len(self.names)) if "account.id" in self._named else _dense(own, len(self.names))
        micros = accounts["created_at"].take(places).cast(pa.int64())
        self._created = pc.fill_null(micros, np.iinfo(np.int64).max).to_numpy()
        self.standing: Mapping[str, Mapping[str, Any]] = {}
        self._found_at: Mapping[str, float] = {}
        self._key = self._of_account

    def _organization(self, name: str | None) -> str:
        """What of an organisation's name decides."""
        if not name or "organization.id" in self._named:
            return name or ""
        return "declared" if name in self._registered.declared else "other"

    def _decisive_of(self, request: dict[str, Any]) -> tuple[Any, ...]:
        if "organization.id" in request:
            request["organization.id"] = self._organization(request["organization.id"])
        return tuple(value for name, value in request.items() if name in self._named or name in _ORGANIZATION)

    @staticmethod
    def _alike(values: Sequence[Any]) -> np.ndarray:
        """Of each a number, the same for equal ones."""
        numbers: dict[Any, int] = {}
        return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int64)

    def take(self, look: Look) -> None:
        """Decide by what was known from this look on."""
        self.standing, self._found_at = look.standing, look.found_at
        names = sorted(name for name in self._named if found_here(name))
        groups: dict[tuple[Any, ...], int] = {(): 0}  # nothing found of an account
        of_account = np.zeros(len(self.names), np.int64)
        for account, known in look.standing.items():
            place = self._laid.accounts.get(account)
            if place is not None:
                since = look.found_at.get(account) if self._waves else None
                told = (*(known.get(name) for name in names), since)
                of_account[place] = groups.setdefault(told, len(groups))
        self._key = of_account * (int(self._of_account.max(initial=0)) + 1) + self._of_account

    def cuts(self, day: int) -> list[int]:
        """Moments of a day at which decisions may change, microseconds since 1970."""
        starts, ends = day * DAY / _MICROS, (day + 1) * DAY / _MICROS
        found = {moment for rule in self._ready.rules for moment in (rule.starts.timestamp(), rule.expires.timestamp())}
        campaigns = {str(known["campaign.id"]) for known in self.standing.values() if "campaign.id" in known}
        for rule in self._ready.rules:
            if rule.wave:
                found.update(_moments(rule, campaigns, starts, ends))
        return sorted(math.ceil(moment * _MICROS) for moment in found if starts < moment < ends)

    def live(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of each row a group, and of each group and rule whether it applies. Rows lie between two cuts."""
        key = self._key[rows["account"]] * len(self._requests) + self._of_request[rows["request"]]
        if "account.age_days" in self._named:
            ages = (rows["at"] - self._created[rows["account"]]) // DAY  # whole days
            key = _dense([pa.array(key), pa.array(ages)], len(rows))
        groups = pa.array(key).dictionary_encode().indices.to_numpy()
        _, first = np.unique(groups, return_index=True)
        return groups, np.stack([self._decided(rows[place]) for place in first])

    def _decided(self, row: Any) -> np.ndarray:
        account, now = self.names[row["account"]], row["at"] / _MICROS
        request = dict(zip(self._laid.named, self._requests[row["request"]], strict=True))
        organization = request.pop("organization.id", "")
        request |= {name: [one] if (one := request[name]) else [] for name in request if BY_NAME[name].kind == "texts"}
        facts = {
            **NOTHING_KNOWN, **self._registered.facts(account, organization, now), **self.standing.get(account, {}),
            **request, "account.id": account,
        }  # fmt: skip
        if math.isfinite(facts["account.age_days"]):
            facts["account.age_days"] = float(math.floor(facts["account.age_days"]))
        found_at = max(self._found_at.get(account, 0.0), 0.0)
        decision = decide(facts, self._ready, now, _admits, _name, found_at)
        return np.array([rule.id in decision.live for rule in self._ready.rules], np.bool_)


_BY_REGISTRATION = {"account.pathway": "pathway", "account.verification": "verification"}  # fact → column
_ORGANIZATION = frozenset({"organization.id", "organization.declared"})


def _admits(rule: Rule, facts: Mapping[str, Any], now: float) -> bool:
    return True  # limits are counted apart, to tell what they held back


def _name() -> str:
    return "D"


def _moments(rule: Rule, campaigns: set[str], starts: float, ends: float) -> Iterator[float]:
    """When waves of a rule come in, from `starts` to `ends`."""
    length = rule.wave.total_seconds()
    for campaign in campaigns:
        drawn = waves.drawn(SECRET, rule.id, campaign)
        moment = waves.acts_from(starts, rule.starts.timestamp(), length, drawn)
        while moment < ends:
            yield moment
            moment += length


def _dense(columns: Sequence[pa.Array | pa.ChunkedArray], rows: int) -> np.ndarray:
    """Of each row a number, the same where all columns are."""
    key = np.zeros(rows, np.int64)
    for column in columns:
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        own = whole.dictionary_encode(null_encoding="encode")
        key = key * max(len(own.dictionary), 1) + own.indices.to_numpy()
        key = pa.array(key).dictionary_encode().indices.to_numpy().astype(np.int64)
    return key
