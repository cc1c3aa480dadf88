"""Rates that all replicas share: the same rule as in one process, carried out by the server in one round trip.

The server holds of each key when its next request is due, and forgets it a minute after that. Each question brings along what
this replica knows of it, and the later of the two counts: so a rate is kept over an outage without anything to catch up on.
"""

from __future__ import annotations

from stillwatch.guard.actions import SlowDown
from stillwatch.guard.budgets import KEPT
from stillwatch.guard.rates import BOOKED, SECOND, Local, micros, pace
from stillwatch.guard.server import AWAY, PREFIX, Server

# As `next_due` in guard/rates.py. Its key outlives that by what clocks of replicas may differ.
_WAIT = """
local gap, early, now, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), tonumber(ARGV[5]))
due = math.max(now, math.min(due, now + gap + early + tonumber(ARGV[6])))
local wait = math.max(due - early - now, 0)
if wait <= patience then
  due = due + gap
  redis.call('SET', KEYS[1], due, 'PX', math.ceil((due - now) / 1000) + tonumber(ARGV[7]))
end
return {due, wait}
"""


class Shared:
    """The rates of one replica, on a server."""

    def __init__(self, server: Server, prefix: str = PREFIX) -> None:
        self._server = server
        self._prefix = f"{prefix}rate:"
        self._here = Local()

    async def wait(self, key: str, rate: SlowDown, now: float, patience: float = 0.0) -> float:
        """As `Rates`."""
        booked = micros(min(patience, BOOKED))
        known = self._here.due(key)
        answer = await self._server.ask(
            "EVAL",
            _WAIT,
            1,
            self._prefix + key,
            *pace(rate),
            micros(now),
            booked,
            known,
            micros(BOOKED),
            int(KEPT * 1000),
        )
        if answer is AWAY:
            return await self._here.wait(key, rate, now, patience)
        due, wait = answer
        self._here.learn(key, due, now)
        return float(wait) / SECOND
