"""Budgets that all replicas share, exact to the token while the server answers; while it is away, each replica counts alone.

Of each key and window the server holds a hash: `used` by all, and the share of each replica. A replica knows its own share as
well. So after an outage it does not say what to add but what its share is: however often that is said, and whatever the
server did with questions whose answers were lost, or forgot, the count is right again. Each question bears the number of
outages its replica has seen, so that one from before, still on its way, is not counted after.
"""

from __future__ import annotations

import secrets

from stillwatch.guard.actions import TokenBudget
from stillwatch.guard.budgets import KEPT, Account, Exhausted, Local, Reserved, Window
from stillwatch.guard.server import AWAY, PREFIX, Command, Server

# One round trip each, and nothing comes between its reads and writes. Sent whole with each question: they are shorter than a
# packet, and a server that was restarted knows no script by its hash.
_READ = """
local used, mine, turn = unpack(redis.call('HMGET', KEYS[1], 'used', ARGV[1], ARGV[1] .. ':turn'))
local new, late = not used, tonumber(turn or 0) > tonumber(ARGV[2])
"""
_KEEP = """
redis.call('HSET', KEYS[1], 'used', used, ARGV[1], mine)
if new then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return {granted, used, mine}
"""
_RESERVE = f"""{_READ}
if late or (not mine and ARGV[4] == '1') then return {{-1, 0, 0}} end
used, mine = tonumber(used or 0), tonumber(mine or 0)
local granted = math.min(tonumber(ARGV[7]), tonumber(ARGV[5]) - used)
if granted < tonumber(ARGV[6]) then return {{0, used, mine}} end
used, mine = used + granted, mine + granted
{_KEEP}"""
_CHANGE = f"""{_READ}
if late or (not mine and ARGV[4] == '1') then return {{-1, 0, 0}} end
local granted = tonumber(ARGV[5])
used, mine = tonumber(used or 0) + granted, tonumber(mine or 0) + granted
{_KEEP}"""
_CATCH_UP = f"""{_READ}
local granted = tonumber(ARGV[4]) - tonumber(mine or 0)
used, mine = tonumber(used or 0) + granted, tonumber(ARGV[4])
redis.call('HSET', KEYS[1], ARGV[1] .. ':turn', ARGV[2])
{_KEEP}"""


class Shared:
    """The budgets of one replica, on a server."""

    def __init__(self, server: Server, prefix: str = PREFIX) -> None:
        self._server = server
        self._prefix = f"{prefix}budget:"
        self._replica = secrets.token_hex(8)  # of a process: one that was restarted knows nothing of its share
        self._here = Local()
        self._told: dict[Account, int] = {}  # while catching up
        server.follow(self)

    async def reserve(self, key: str, budget: TokenBudget, least: int, most: int, now: float) -> Reserved | Exhausted:
        """As `Budgets`."""
        window = Window.of(budget, now)
        account = self._here.account(key, window, now)
        most, least = min(most, budget.tokens), max(least, 1)  # a client may ask for more than the server can count
        answer = await self._server.ask(
            *self._of(_RESERVE, key, window), int(account.seen), budget.tokens, min(least, budget.tokens + 1), most
        )
        if answer is not AWAY:
            granted, used, share = answer
            if granted >= 0:
                account.others = used - share
                if not granted:
                    return Exhausted(window.end - now)
                account.seen = True
                account.mine += granted
                return Reserved(key, window, granted)
            self._server.away("it has forgotten what was counted")
        return await self._here.reserve(key, budget, least, most, now)

    async def settle(self, reserved: Reserved, used: int, now: float) -> None:
        """As `Budgets`. Counted even if whoever settles is cancelled while waiting for the server."""
        if change := self._here.close(reserved, used, now):
            await self._server.ask(*self._of(_CHANGE, reserved.key, reserved.window), 1, change)

    async def catch_up(self) -> None:
        """As `Follower`: this replica's share of everything that still counts."""
        accounts = list(self._here.accounts())
        self._told = {account: account.mine for _, _, account in accounts}
        await self._server.tell(
            (*self._of(_CATCH_UP, key, window), self._told[account]) for key, window, account in accounts
        )

    def caught_up(self) -> None:
        """As `Follower`. Questions are answered in order, so that later ones find these changes made."""
        for key, window, account in self._here.accounts():
            if change := account.mine - self._told.get(account, 0):
                self._server.ask(*self._of(_CHANGE, key, window), 0, change)
            account.seen = account.seen or account in self._told
        self._told = {}

    def _of(self, script: str, key: str, window: Window) -> Command:
        """A question about one key in one window."""
        name = f"{self._prefix}{key}:{window.seconds:.0f}:{window.number}"
        lives = int(
            (window.seconds + KEPT) * 1000
        )  # milliseconds from its beginning: past the window's end on any clock
        return ("EVAL", script, 1, name, self._replica, self._server.turn, lives)
