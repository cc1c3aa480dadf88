"""What rules have hit, exchanged between replicas: one that stops a rule stops it for all, and a limit is of all together.

Done in the background, about every second, and never on the way of a request. Sets of accounts only ever grow, so that it
does not matter in which order replicas add to them, or how often; what a server has forgotten, the next exchange adds again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from stillwatch.guard.limits import Hit, Limits, day_of
from stillwatch.guard.policy import LONGEST, Rule
from stillwatch.guard.server import AWAY, PREFIX, Server, text

EVERY = 1.0  # seconds between exchanges: for so long other replicas go on with a rule that one has stopped
_SOME = 1000  # accounts in one command: a larger one would hold up the requests that ask the same server
_TWO_DAYS = timedelta(days=2)  # that the accounts of a day are kept: it is over everywhere by then


class _Gone(Exception):
    """The server went away in the middle."""


class SharedLimits:
    """The limits of one replica and a server, which says itself when it is away."""

    def __init__(self, server: Server, prefix: str = PREFIX) -> None:
        self._server = server
        self._prefix = f"{prefix}limit:"
        self._there: dict[str, set[str]] = {}  # by key: accounts that the server is known to have
        self._turn = server.turn

    async def exchange(
        self, limits: Limits, rules: tuple[Rule, ...], verdict: Callable[[str], str], now: float
    ) -> list[Rule]:
        """Add what others hit and tell what was hit here; rules that stop here by that. Without a server nothing changes."""
        if self._turn != self._server.turn:
            self._there, self._turn = {}, self._server.turn  # after an outage nobody knows what it has kept
        before, self._there = self._there, {}  # of rules and days that are over nothing is carried on
        stopped = []
        try:
            await self._ask("PING")  # so that a server that cannot be asked is said before a request needs it
            for rule in rules:
                if not rule.acts:
                    continue
                hit = limits.of(rule)
                went_on = not hit.stopped
                if await self._hits(rule, hit, day_of(now), before) and went_on:
                    limits.reviewed((rule,), verdict)
                await self._stop(rule, hit)
                if went_on and hit.stopped:
                    stopped.append(rule)
        except _Gone:
            pass
        return stopped

    async def _hits(self, rule: Rule, hit: Hit, day: int, before: Mapping[str, set[str]]) -> bool:
        """Merge whom a rule hit; whether others hit somebody new."""
        if hit.day < day:
            hit.on(day)
        day = hit.day  # a request may have begun the next one since `now` was read, or may begin it while this waits
        today = await self._merged(self._name(rule, str(day)), hit.today, _TWO_DAYS, before)
        if hit.day == day:
            hit.today |= today
        ever = await self._merged(self._name(rule, "ever"), hit.ever, LONGEST, before)
        learned = not ever <= hit.ever
        hit.ever |= ever
        return learned

    async def _merged(self, name: str, ours: set[str], lives: timedelta, before: Mapping[str, set[str]]) -> set[str]:
        """Add ours to a set on the server; what is in it then. It is read only if its size is not what it should be."""
        there = before.get(name, set())
        missing = iter(ours - there)
        there = there | ours
        while some := list(islice(missing, _SOME)):
            await self._ask("SADD", name, *some)
            await self._ask("EXPIRE", name, int(lives.total_seconds()))
        if await self._ask("SCARD", name) != len(there):
            there, cursor = set(), b"0"
            while True:
                cursor, found = await self._ask("SSCAN", name, cursor, "COUNT", _SOME)
                there.update(text(one) for one in found)
                if cursor == b"0":
                    break
        self._there[name] = there
        return there

    async def _stop(self, rule: Rule, hit: Hit) -> None:
        """Tell a stop, or learn of one. Told again each time, so that it lives as long as a replica with the rule does."""
        name = self._name(rule, "stopped")
        if hit.stopped:
            await self._ask("SET", name, hit.stopped, "EX", int(LONGEST.total_seconds()))
        elif told := await self._ask("GET", name):
            hit.stopped = hit.stopped or text(told)  # it may have stopped here meanwhile

    def _name(self, rule: Rule, of: str) -> str:
        return f"{self._prefix}{rule.fingerprint()}:{of}"

    async def _ask(self, *command: str | int | bytes) -> Any:
        answer = await self._server.ask(*command)
        if answer is AWAY:
            raise _Gone
        return answer
