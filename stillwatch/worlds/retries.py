"""Requests that failed and are sent again: by the same account, by another of its organisation, or by the next of a pool.

Whether a request fails hangs on its key alone, so what is sent again can be told before any row is written, and a world
without retries is the same to the byte. What is sent again is not sent a third time.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from stillwatch.worlds.arrivals import Requests
from stillwatch.worlds.dice import U64, mix, unit
from stillwatch.worlds.people import I32
from stillwatch.worlds.rows import LIMITED, OVERLOADED, REFUSED, Writer
from stillwatch.worlds.streams import Stream

DAY = 86_400.0  # seconds


def retries(rows: Requests, writer: Writer, day: int) -> Requests:
    """The rows to add to a day's."""
    outcome = writer.outcomes(rows.account, writer.exchange_keys(rows), writer.kind_of(rows))
    failed = np.flatnonzero(outcome > 0)
    again = [rows.take(failed[:0])]
    for number, stream in enumerate(writer.cast.streams):
        if not stream.again.never:
            mine = failed[rows.stream[failed] == number]
            again.append(_again(stream, rows.take(mine), outcome[mine], writer, day))
    return Requests.join(again)


def _again(stream: Stream, rows: Requests, outcome: npt.NDArray[np.int64], writer: Writer, day: int) -> Requests:
    key, told = writer.exchange_keys(rows), stream.again
    luck = unit(key, "retried")
    everybody, place = np.sort(stream.accounts), np.searchsorted(np.sort(stream.accounts), rows.account)
    pooled = np.isin(outcome, (LIMITED, REFUSED)) & (luck < told.pool)
    housed = (outcome == OVERLOADED) & (luck < told.house)
    same = np.isin(outcome, (LIMITED, OVERLOADED)) & (luck < told.same) & ~pooled & ~housed
    account = rows.account.copy()
    account[pooled] = _next(everybody, place[pooled], key[pooled], min(stream.shifts, len(everybody)))
    account[housed] = _colleague(everybody, writer.org[everybody], place[housed], key[housed])
    soonest, latest = told.seconds
    time = rows.time + (soonest + (latest - soonest) * unit(key, "retry wait")) / DAY
    kept = (pooled & (account != rows.account)) | housed | same
    kept &= (time < day + 1) & _alive(stream, account, time)
    return replace(rows, time=time, account=account, attempt=np.ones(len(time), np.int32)).take(kept)


def _next(everybody: I32, place: npt.NDArray[np.int64], key: U64, shifts: int) -> I32:
    """Another account for each, any of the shift that is at work; the same one where there is no other."""
    shift = place % shifts
    size = (len(everybody) - shift + shifts - 1) // shifts
    step = 1 + (mix(key, "next account") % np.maximum(size - 1, 1).astype(np.uint64)).astype(np.int64)
    return everybody[(place // shifts + step) % size * shifts + shift]


def _colleague(everybody: I32, org: U64, place: npt.NDArray[np.int64], key: U64) -> I32:
    """The next account of the same organisation for each; the same account where there is none."""
    order = np.argsort(org, kind="stable")
    found = everybody[place]
    for one, at in enumerate(place):
        house = order[np.searchsorted(org[order], org[at]) : np.searchsorted(org[order], org[at], side="right")]
        if org[at] and len(house) > 1:
            step = 1 + int(mix(key[one : one + 1], "colleague")[0] % np.uint64(len(house) - 1))
            found[one] = everybody[house[(np.flatnonzero(house == at)[0] + step) % len(house)]]
    return found


def _alive(stream: Stream, account: I32, time: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether each account sends by then: no campaign goes on through a banned one."""
    order = np.argsort(stream.accounts, kind="stable")
    at = order[np.searchsorted(stream.accounts[order], account)]
    return np.asarray((stream.start[at] <= time) & (time < stream.stop[at]))
