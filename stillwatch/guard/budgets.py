"""Budgets of tokens that hold under concurrency and streaming: what a request may use is reserved before, and settled after.

Counting after the answer lets everything through that runs at the same time. So a request reserves its input and the most it
may answer; when its real use is known, the rest goes back. One that is never settled, because a client or a process is gone,
stays charged in full until its window ends.

Windows are of fixed length and begin at whole multiples of it since 1970, UTC: every replica, and whoever reads a log, knows
when one ends without asking anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from stillwatch.guard.actions import TokenBudget

LEAST_ANSWER = 16  # tokens that have to be left for an answer: less is none, and OpenAI's engines take no smaller limit
KEPT = 60.0  # seconds that a window is remembered after its end: clocks of replicas differ, and are set back, by less


class Window(NamedTuple):
    """A span of time in which tokens are counted together."""

    seconds: float  # its length
    number: int  # such windows since 1970

    @classmethod
    def of(cls, budget: TokenBudget, now: float) -> Window:
        """The one that `now`, seconds since 1970, falls into."""
        seconds = budget.every.total_seconds()
        return cls(seconds, int(now // seconds))

    @property
    def end(self) -> float:
        """Seconds since 1970."""
        return self.seconds * (self.number + 1)


@dataclass(eq=False, slots=True)
class Reserved:
    """Tokens that a request may use, in and out."""

    key: str
    window: Window  # what is given back goes back into it
    tokens: int
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Too little is left."""

    seconds: float  # until the budget is full again


class Budgets(Protocol):
    """What keeps budgets, in this process or for all replicas."""

    async def reserve(self, key: str, budget: TokenBudget, least: int, most: int, now: float) -> Reserved | Exhausted:
        """`most` tokens, or what is left of the budget if that is `least` or more. `least` is one at the least."""

    async def settle(self, reserved: Reserved, used: int, now: float) -> None:
        """Give back what was not used, or charge what an engine used beyond it. A second time changes nothing."""


@dataclass(eq=False, slots=True)
class Account:
    """Tokens of one key in one window, reserved or used."""

    mine: int = 0  # through this process
    others: int = 0  # through other replicas, as far as known
    seen: bool = False  # the server that replicas share has counted some of `mine`


class Local:
    """Budgets of one process. One event loop and no wait in between: nothing needs a lock."""

    def __init__(self) -> None:
        self._windows: dict[Window, dict[str, Account]] = {}

    async def reserve(self, key: str, budget: TokenBudget, least: int, most: int, now: float) -> Reserved | Exhausted:
        """As `Budgets`."""
        window = Window.of(budget, now)
        account = self.account(key, window, now)
        granted = min(most, budget.tokens - account.mine - account.others)
        if granted < max(least, 1):
            return Exhausted(window.end - now)
        account.mine += granted
        return Reserved(key, window, granted)

    async def settle(self, reserved: Reserved, used: int, now: float) -> None:
        """As `Budgets`."""
        self.close(reserved, used, now)

    def close(self, reserved: Reserved, used: int, now: float) -> int:
        """Settle; tokens by which the account changed."""
        account = self._windows.get(reserved.window, {}).get(reserved.key)
        if reserved.settled or account is None or now >= reserved.window.end + KEPT:
            return 0
        reserved.settled = True
        change = max(used, 0) - reserved.tokens
        account.mine += change
        return change

    def account(self, key: str, window: Window, now: float) -> Account:
        """That of a key in a window, made when missing. With a new window the old ones are forgotten."""
        accounts = self._windows.get(window)
        if accounts is None:
            self._windows = {one: held for one, held in self._windows.items() if now < one.end + KEPT}
            accounts = self._windows.setdefault(window, {})
        account = accounts.get(key)
        if account is None:
            account = accounts[key] = Account()
        return account

    def accounts(self) -> Iterator[tuple[str, Window, Account]]:
        """All that is remembered."""
        for window, accounts in self._windows.items():
            for key, account in accounts.items():
                yield key, window, account
