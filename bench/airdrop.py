"""A made airdrop: accounts that draw on hubs as everybody does, a third of them run by independent operators.

Every structure below is one way in which operators work; a method that fits only one of them shows on the others.
Amounts are in one currency, times in a year. Nothing here is copied from a real chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

YEAR_MINUTES = 365 * 24 * 60  # the window: airdrops look back on about a year
START = datetime(2025, 1, 1, tzinfo=UTC)
SMALLEST, LARGEST = 5, 200  # accounts of an operator; few of hundreds, many of a handful
EXCHANGES = 25  # hot wallets that fund nearly everybody
PROTOCOLS = 300  # what people use: a few with thousands of users, most with tens
ROUND = np.array([0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0])  # amounts that people type


@dataclass(frozen=True)
class Structure:
    """How the operators of one world work, and how crowded its services are."""

    name: str
    own_source: float  # share of operators that fund a batch of accounts from a source of their own
    chained: float  # share whose accounts fund each other, one after the other
    minutes: float  # median minutes between one account of an operator and its next
    same_amounts: float  # share of operators whose accounts move amounts equal up to 1 per cent
    services: int  # values that 10 to 100 unrelated accounts share
    launches: int  # protocols half of whose users come on one day: strangers close in time
    families: float  # share of ordinary accounts that share a value with one or two others
    guides: float  # share of ordinary accounts that go through the steps of a public guide in one evening
    step_minutes: float  # between steps of a plan: minutes for a script, days for who wants to look real
    share: float = 1 / 3  # of the accounts that have an operator, as in the public airdrop


TEN_DAYS = 10 * 24 * 60.0  # minutes
STRUCTURES = (
    Structure("sources", 0.6, 0.1, 20.0, 0.7, 100, 3, 0.05, 0.05, TEN_DAYS),
    Structure("chains", 0.1, 0.7, 60.0, 0.2, 100, 3, 0.10, 0.05, TEN_DAYS),
    Structure("hubs", 0.0, 0.0, 5.0, 0.7, 100, 3, 0.05, 0.05, TEN_DAYS),
    Structure("crowded", 0.4, 0.2, 30.0, 0.4, 400, 20, 0.20, 0.2, TEN_DAYS),
    Structure("slow", 0.3, 0.2, 720.0, 0.4, 200, 10, 0.20, 0.1, TEN_DAYS),
    Structure("sessions", 0.4, 0.1, 20.0, 0.4, 200, 5, 0.10, 0.2, 15.0),
)


def airdrop(structure: Structure, accounts: int, seed: int) -> tuple[pa.Table, dict[str, int]]:
    """Rows of `evidence`, and each account's operator, -1 for nobody's. A third of the accounts have one."""
    dice = np.random.default_rng([seed, accounts, *structure.name.encode()])
    operator = _operators(dice, accounts, int(structure.share * accounts))
    names = np.array([f"w{number:06d}" for number in dice.permutation(accounts)])
    rows = _Rows(dice, names)
    popularity = 1 / np.arange(1, PROTOCOLS + 1)
    _ordinary(rows, structure, np.flatnonzero(operator < 0), popularity / popularity.sum())
    for number in range(operator.max() + 1):
        _operated(rows, structure, number, np.flatnonzero(operator == number), popularity / popularity.sum())
    return rows.table(), dict(zip(names.tolist(), operator.tolist(), strict=True))


def _operators(dice: np.random.Generator, accounts: int, operated: int) -> np.ndarray:
    operator = np.full(accounts, -1)
    at, number = 0, 0
    while at < operated:
        size = int(
            min(LARGEST, SMALLEST * (1 + dice.pareto(0.9)))
        )  # heavy tail: half the accounts in the largest tenth
        operator[at : at + size] = number
        at, number = at + size, number + 1
    return operator


class _Rows:
    """Collects uses: who, kind, value, minute, amount."""

    def __init__(self, dice: np.random.Generator, account: np.ndarray) -> None:
        self.dice, self.account = dice, account
        self.parts: list[tuple[np.ndarray, str, np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, who: np.ndarray, kind: str, value: np.ndarray | str, minute: np.ndarray, amount: np.ndarray) -> None:
        self.parts.append((who, kind, np.broadcast_to(np.asarray(value, dtype="U24"), who.shape), minute, amount))

    def amounts(self, count: int) -> np.ndarray:
        """What people move: a third types a round number, the rest is spread over three orders of magnitude."""
        spread = np.exp(self.dice.normal(-1.5, 1.5, count))
        return np.where(self.dice.random(count) < 0.3, self.dice.choice(ROUND, count), spread)

    def table(self) -> pa.Table:
        who, kind, value, minute, amount = (np.concatenate(one) for one in zip(*(
            (who, np.full(len(who), kind), value, minute, amount) for who, kind, value, minute, amount in self.parts
        ), strict=True))  # fmt: skip
        micro = int(START.timestamp() * 1e6) + (np.clip(minute, 0, YEAR_MINUTES) * 60).astype(np.int64) * 1_000_000
        return pa.table({
            "account_id": self.account[who], "kind": kind, "value": value,
            "timestamp": pa.array(micro, pa.timestamp("us", "UTC")), "amount": amount,
        })  # fmt: skip


def _ordinary(rows: _Rows, structure: Structure, who: np.ndarray, popularity: np.ndarray) -> None:
    dice = rows.dice
    arrival = dice.random(len(who)) * YEAR_MINUTES * 0.8
    exchange = _hub(dice, len(who))
    alone = dice.random(len(who)) < 0.15  # paid by an account that pays nobody else here
    funder = np.where(alone, np.char.add("own", who.astype(str)), np.char.add("exchange", exchange.astype(str)))
    rows.add(who, "counterparty", funder, arrival, rows.amounts(len(who)))
    uses = 2 + dice.geometric(0.25, len(who))
    user = np.repeat(np.arange(len(who)), uses)
    protocol = dice.choice(PROTOCOLS, len(user), p=popularity)
    minute = arrival[user] + dice.exponential(40 * 24 * 60, len(user))  # about forty days after the first
    day = dice.random(PROTOCOLS) * YEAR_MINUTES
    launched = (protocol >= 5) & (protocol < 5 + structure.launches) & (dice.random(len(user)) < 0.5)
    minute = np.where(launched, day[protocol] + dice.random(len(user)) * 24 * 60, minute)
    rows.add(who[user], "counterparty", np.char.add("protocol", protocol.astype(str)), minute, rows.amounts(len(user)))
    for number in range(structure.services):
        some = dice.choice(who, dice.integers(10, 100), replace=False)
        rows.add(
            some, "counterparty", f"service{number}", dice.random(len(some)) * YEAR_MINUTES, rows.amounts(len(some))
        )
    _guided(rows, dice.permutation(who)[: int(structure.guides * len(who))], popularity)
    related = dice.permutation(who)[: int(structure.families * len(who))]
    for number in range(0, len(related) - 2, 3):
        some = related[number : number + dice.integers(2, 4)]
        rows.add(
            some, "counterparty", f"family{number}", dice.random(len(some)) * YEAR_MINUTES, rows.amounts(len(some))
        )


def _guided(rows: _Rows, who: np.ndarray, popularity: np.ndarray) -> None:
    """Strangers who follow one of eight guides, each on an evening of the two months after it came out."""
    dice = rows.dice
    for some in np.array_split(who, 8):
        begun = dice.random() * YEAR_MINUTES * 0.8 + dice.random(len(some)) * 60 * 24 * 60
        for step, protocol in enumerate(dice.choice(PROTOCOLS, 6, replace=False, p=popularity)):
            minute = begun + step * 10 + dice.exponential(5, len(some))  # ten minutes a step, more or less
            rows.add(some, "counterparty", f"protocol{protocol}", minute, rows.amounts(len(some)))


def _operated(rows: _Rows, structure: Structure, number: int, who: np.ndarray, popularity: np.ndarray) -> None:
    """One operator: a plan of protocols that its accounts follow one after the other, with slips."""
    dice = rows.dice
    gaps = structure.minutes * np.exp(dice.normal(0, 1, len(who)))
    offset = np.cumsum(gaps)
    start = dice.random() * YEAR_MINUTES * 0.7
    alike, typical = dice.random() < structure.same_amounts, rows.amounts(20)

    def amounts(step: int, count: int) -> np.ndarray:
        return typical[step] * dice.uniform(0.99, 1.01, count) if alike else rows.amounts(count)

    way = dice.random()
    if way < structure.own_source:
        batch = np.arange(len(who)) // int(dice.integers(10, 200))
        funder = np.char.add(f"source{number}-", batch.astype(str))
    else:
        funder = np.full(len(who), f"exchange{_hub(dice, 1)[0]}")
    rows.add(who, "counterparty", funder, start + offset, amounts(0, len(who)))
    if structure.own_source <= way < structure.own_source + structure.chained:
        link = np.char.add(f"chain{number}-", np.arange(len(who) - 1).astype(str))
        rows.add(who[:-1], "counterparty", link, start + offset[1:], amounts(1, len(who) - 1))
        rows.add(who[1:], "counterparty", link, start + offset[1:], amounts(1, len(who) - 1))
    steps = int(dice.integers(3, 9))
    plan = dice.choice(PROTOCOLS, steps, replace=False, p=popularity)
    for step, protocol in enumerate(plan):
        took = dice.random(len(who)) < 0.8  # one in five skips a step
        minute = start + offset[took] + (step + 1) * dice.uniform(0.1, 2) * structure.step_minutes
        slip = structure.minutes * dice.exponential(1, took.sum())
        rows.add(who[took], "counterparty", f"protocol{protocol}", minute + slip, amounts(2 + step, int(took.sum())))
    for _ in range(2):  # and something of its own each, as people do
        wander = dice.choice(PROTOCOLS, len(who), p=popularity)
        minute = start + dice.random(len(who)) * YEAR_MINUTES * 0.3
        rows.add(who, "counterparty", np.char.add("protocol", wander.astype(str)), minute, rows.amounts(len(who)))


def _hub(dice: np.random.Generator, count: int) -> np.ndarray:
    popularity = 1 / np.arange(1, EXCHANGES + 1)
    return dice.choice(EXCHANGES, count, p=popularity / popularity.sum())
