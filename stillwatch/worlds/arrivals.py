"""A day's requests as numbers: which account sends which kind of request when. Text comes later, in rows.py."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from stillwatch.worlds.dice import U64, mix, rng, seed_of, unit
from stillwatch.worlds.people import F64, I32
from stillwatch.worlds.streams import Stream

# Share of a day's conversations by local hour: asleep, a rise at nine, lunch, and an evening at home.
HUMAN = np.array([9, 5, 3, 2, 2, 3, 7, 15, 30, 44, 50, 48, 42, 46, 50, 50, 47, 43, 40, 42, 45, 42, 33, 20], float)
OFFICE = np.array([1, 0, 0, 0, 0, 1, 3, 12, 45, 80, 92, 85, 50, 75, 90, 88, 72, 42, 18, 9, 7, 5, 3, 2], float)
WEEKEND = {"human": 0.8, "office": 0.18, "flat": 1.0, "jobs": 1.0}  # of a working day's volume
RETRIED = 0.01  # share of a queue's items sent twice, by whichever account is next: time-outs and sampling
JOB_STARTS = 3.0  # jobs a day that a queue runs, on average
OUTAGE = 0.25  # chance that a queue stands still for part of a day
SHIFTS_A_DAY = 5.0  # of a pool that takes turns; no divisor of a day's rhythm, so that parts wander through the hours
MAX_TURNS = 60  # a longer conversation is begun anew


@dataclass
class Requests:
    """One row per request."""

    time: F64  # days from the start of the window
    account: I32
    stream: I32
    kind: I32  # place in the stream's kinds
    turn: I32
    session: U64
    item: U64
    card: npt.NDArray[np.int64]  # position in the kind's deck of real rows, counted on through its rounds
    author: I32  # account whose request it was first; another than `account` where a dispatcher took it elsewhere
    attempt: I32  # 0, or 1 for what failed and is sent again

    @classmethod
    def join(cls, parts: list[Requests]) -> Requests:
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Requests:
        return Requests(*(getattr(self, one.name)[rows] for one in fields(self)))


def requests(
    stream: Stream, number: int, zones: I32, day: int, weekday: int, seed: int, gaps: F64, dealt: dict[str, int]
) -> Requests:
    """Everything a stream sends on one day.

    `gaps` are inter-arrival gaps of mean one, to draw from; `dealt` tells how far each deck was dealt out before.
    """
    random = rng(seed, "day", day, stream.name, number)
    inside = np.clip(np.minimum(stream.stop, day + 1.0) - np.maximum(stream.start, day), 0.0, 1.0)
    level = stream.rate * inside * (WEEKEND[stream.rhythm] if weekday >= 5 else 1.0) / stream.turns
    live = np.flatnonzero(level > 0)
    if stream.rhythm == "jobs":
        time, member = _jobs(stream, level, live, day, seed, random, gaps)
    else:
        time, member = _conversations(stream, level, live, zones, day, random, gaps)
    keep = (time >= stream.start[member]) & (time < stream.stop[member])
    time, member = time[keep], member[keep]
    session = mix(random.integers(1, 2**62, len(time)), seed_of(seed, stream.name, day) & 0xFFFFFFFF)
    kind = _kinds(stream, session, day)
    item, again = _items(stream, kind, session, day, random)
    card = _cards(stream, kind, again, dealt)
    turn = np.zeros(len(time), np.int32)
    if stream.turns > 1.0:
        lengths = np.minimum(random.geometric(1.0 / stream.turns, len(time)), MAX_TURNS)
        source = np.repeat(np.arange(len(time)), lengths)
        first = np.cumsum(lengths) - lengths
        turn = (np.arange(len(source)) - first[source]).astype(np.int32)
        waits = random.lognormal(np.log(stream.gap), 0.9, len(source)) / 86_400.0 * (turn > 0)
        total = np.cumsum(waits)
        time = time[source] + total - total[first[source]]
        member, session, kind = member[source], session[source], kind[source]
        item, card = item[source], card[source]
        keep = (time < day + 1) & (time < stream.stop[member])
        time, member, session, kind, item, card, turn = (
            one[keep] for one in (time, member, session, kind, item, card, turn)
        )
    account, number_of = stream.accounts[member], np.full(len(time), number, np.int32)
    first = np.zeros(len(time), np.int32)
    return Requests(time, account, number_of, kind, turn, session, item, card, account, first)


def _conversations(
    stream: Stream,
    level: F64,
    live: npt.NDArray[np.int64],
    zones: I32,
    day: int,
    random: np.random.Generator,
    gaps: F64,
) -> tuple[F64, npt.NDArray[np.int64]]:
    shape = stream.burst
    counts = random.poisson(level[live] * random.gamma(shape, 1.0 / shape, len(live)))
    member = np.repeat(live, counts)
    if stream.rhythm == "flat":
        waits = random.choice(gaps, len(member) + 1)
        total = np.cumsum(waits)
        return day + total[:-1] / total[-1], random.permutation(member)
    hours = HUMAN if stream.rhythm == "human" else OFFICE
    share = np.cumsum(hours) / hours.sum()
    local = np.searchsorted(share, random.random(len(member))) + random.random(len(member))
    # Each person's day is shifted a little: early risers and night owls.
    habit = (unit(stream.accounts, "habit")[member] - 0.5) * 5.0
    return day + ((local + habit - zones[stream.accounts[member]]) % 24.0) / 24.0, member


def _jobs(
    stream: Stream,
    level: F64,
    live: npt.NDArray[np.int64],
    day: int,
    seed: int,
    random: np.random.Generator,
    gaps: F64,
) -> tuple[F64, npt.NDArray[np.int64]]:
    """Work from a common queue: jobs start and stop for the whole pool, and each account gets its share."""
    queues = np.zeros(len(level), np.int32) if stream.queue is None else stream.queue
    times, members = [], []
    for queue in np.unique(queues[live]):
        pool = live[queues[live] == queue]
        plan = rng(seed, "jobs", stream.name, int(queue), day)
        size = random.poisson(level[pool].sum() * plan.gamma(6.0, 1.0 / 6.0))
        opens = np.sort(plan.random(1 + plan.poisson(JOB_STARTS - 1.0)))
        spans = plan.lognormal(np.log(0.11), 0.6, len(opens))  # days: most jobs run for one to five hours
        closes = np.minimum(opens + spans, 1.0)
        opens[1:] = np.maximum(opens[1:], np.maximum.accumulate(closes)[:-1])  # one after another
        closes = np.maximum(closes, opens)
        waits = random.choice(gaps, size + 1)
        spread = np.cumsum(waits)[:-1] / waits.sum() if size else np.empty(0)
        ends = np.cumsum(closes - opens)
        work = spread * ends[-1]
        job = np.searchsorted(ends, work)
        job = np.minimum(job, len(ends) - 1)
        time = opens[job] + work - (ends[job] - (closes - opens)[job])
        if plan.random() < OUTAGE:  # everything waits, and is then worked off
            stand = plan.random()
            halted = (time > stand) & (time < stand + 0.04)
            time = np.where(halted, np.minimum(stand + 0.04 + (time - stand) * 0.2, 0.9999), time)
        time = np.sort(time)
        times.append(day + time)
        members.append(_in_shifts(stream, level, pool, time, random))
    if not times:
        return np.empty(0), np.empty(0, np.int64)
    return np.concatenate(times), np.concatenate(members)


def _in_shifts(
    stream: Stream, level: F64, pool: npt.NDArray[np.int64], time: F64, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Deals to the part of the pool whose turn it is; a pool too small to have parts is always on."""
    parts = min(stream.shifts, len(pool))
    turn = (time * SHIFTS_A_DAY).astype(np.int64) % parts
    member = np.empty(len(time), np.int64)
    for part in np.unique(turn):
        some, rows = pool[part::parts], np.flatnonzero(turn == part)
        member[rows] = _dealt(stream, level[some], some, len(rows), random)
    return member


def _dealt(
    stream: Stream, level: F64, pool: npt.NDArray[np.int64], size: int, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Deals a queue's requests out: one each in turn with a few out of turn, or by weight."""
    if stream.round_robin:
        turn = (np.arange(size) + random.integers(0, len(pool))) % len(pool)
        out_of_turn = random.random(size) < 0.08  # the next one was still busy
        return pool[np.where(out_of_turn, random.integers(0, len(pool), size), turn)]
    share = np.cumsum(level) / level.sum()
    return pool[np.minimum(np.searchsorted(share, random.random(size)), len(pool) - 1)]


def _kinds(stream: Stream, session: U64, day: int) -> I32:
    weights = np.array([kind.weight if kind.from_day <= day else 0.0 for kind in stream.kinds])
    share = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(share, unit(session, "kind")), len(weights) - 1).astype(np.int32)


def _items(
    stream: Stream, kind: I32, session: U64, day: int, random: np.random.Generator
) -> tuple[U64, npt.NDArray[np.bool_]]:
    """Each conversation's item, and which of them are sent a second time."""
    item = mix(session, "item")
    for place, one in enumerate(stream.kinds):
        if one.items:
            rows = np.flatnonzero(kind == place)
            # Squared: the first items of a set are wanted more than the last.
            chosen = (random.random(len(rows)) ** 2 * one.items).astype(np.int64)
            item[rows] = mix(chosen, seed_of(one.frame, "set", int(day // one.items_change)) & 0xFFFFFFFF)
    repeated = np.zeros(len(item), bool)
    if stream.rhythm == "jobs":
        again = np.flatnonzero(random.random(len(item)) < RETRIED)
        again = again[again > 0]
        again = again[kind[again] == kind[again - 1]]
        item[again] = item[again - 1]
        repeated[again] = True
    return item, repeated


def _cards(stream: Stream, kind: I32, repeated: npt.NDArray[np.bool_], dealt: dict[str, int]) -> npt.NDArray[np.int64]:
    """The next card of the kind's deck; an item that is sent a second time has the card of the one before."""
    card = np.zeros(len(kind), np.int64)
    deck = np.array([one.deck for one in stream.kinds])
    for name in dict.fromkeys(one.deck for one in stream.kinds if one.deck):
        rows = np.flatnonzero((deck == name)[kind])
        card[rows] = dealt.get(name, 0) + np.maximum(np.cumsum(~repeated[rows]) - 1, 0)
    return card


def deck_counts(stream: Stream, rows: Requests) -> dict[str, int]:
    """How many cards of each deck a day's requests hold, when its count began at none."""
    deck = np.array([one.deck for one in stream.kinds])
    names = dict.fromkeys(one.deck for one in stream.kinds if one.deck)
    cards = {name: rows.card[(deck == name)[rows.kind]] for name in names}
    return {name: int(card.max()) + 1 for name, card in cards.items() if len(card)}
