"""The server that replicas share, which speaks the Redis protocol: asked only while it answers.

Commands that come while it is busy go out together over one connection, in their order: a burst of requests costs few round
trips, and what was asked once is sent even if whoever asked is gone. A server that does not answer in time, or answers with
an error, is away: from then on every caller is told so at once, and only a look in the background finds it back.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from stillwatch.errors import BadConfiguration

PATIENCE = 0.1  # seconds for an answer: a thousand times what it takes, and less than a model takes to its first word
PAUSE = 1.0  # seconds between looks at a server that is away: what an outage of a moment costs in shared counting
TOGETHER = (
    256  # commands in one round trip: packing and reading more holds up everything else for over five milliseconds
)
PREFIX = "stillwatch:"  # of all keys, so that a server may have other uses
_ADDRESSES = "redis://HOST:PORT, rediss://USER:PASSWORD@HOST:PORT?ssl_ca_certs=FILE or unix:///PATH"
_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")  # options of an address
_HALVES = "surrogatepass"  # what clients name themselves may hold halves of characters; they must not stop a batch
AWAY: Final = object()  # in place of an answer; nil, which is None, is one

Says = Callable[[str], None]
Word = str | bytes | int
Command = tuple[Word, ...]


class Follower(Protocol):
    """Something that counts on while the server is away."""

    async def catch_up(self) -> None:
        """The server is there again, and still nobody else asks it: tell it what it missed. Raises when it goes again."""

    def caught_up(self) -> None:
        """From this moment others ask it: commands of what changed during `catch_up`."""


class Server:
    """One connection to it. Belongs to the event loop that asks."""

    def __init__(self, url: str, says: Says, patience: float = PATIENCE, pause: float = PAUSE) -> None:
        try:
            self._pool = ConnectionPool.from_url(
                url,
                protocol=2,  # which any server speaks
                encoding_errors=_HALVES,
                retry=Retry(NoBackoff(), 0),
                socket_timeout=None,  # `patience` is for all of a round trip, with the way to the server
                socket_connect_timeout=None,
            )
            self._pool.make_connection()  # takes the options of the address, and opens nothing yet
        except (ValueError, TypeError) as problem:
            raise BadConfiguration(f"no address of a server: {problem}", "", _ADDRESSES) from None
        for name in _FILES:
            path = self._pool.connection_kwargs.get(name)
            if path and not Path(path).is_file():
                raise BadConfiguration(f"the server's {name} is no file", path, "certificates or a key, in PEM")
        self.up = True
        self.problem = ""  # why it is away, by the last look; empty while it is not
        self.turn = 0  # outages so far; what was sent before one is told from what was sent after it
        self.counts: Counter[str] = Counter()  # outages, returns, and questions that got no answer
        self._says, self._patience, self._pause = says, patience, pause
        self._followers: list[Follower] = []
        self._waiting: list[tuple[Command, asyncio.Future[Any]]] = []
        self._sending: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None

    def follow(self, follower: Follower) -> None:
        """Have something told when the server is back."""
        self._followers.append(follower)

    def ask(self, *command: Word) -> asyncio.Future[Any]:
        """The answer to a command, or AWAY; never an exception. It is on its way when this returns."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if not self.up:
            self._tell(answer, AWAY)
            return answer
        self._waiting.append((command, answer))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        return answer

    async def tell(self, commands: Iterable[Command]) -> list[Any]:
        """Answers of a server that nobody else asks, in order; raises at the first that is an error."""
        told, commands = [], list(commands)
        for first in range(0, len(commands), TOGETHER):
            told += await self._round(commands[first : first + TOGETHER])
        for answer in told:
            if isinstance(answer, Exception):
                raise answer
        return told

    def away(self, problem: str) -> None:
        """Nobody asks it from now on, until it is back and told what it missed."""
        if not self.up:
            return
        self.up, self.problem = False, problem
        self.turn += 1
        self.counts["outages"] += 1
        self._looking = asyncio.create_task(self._look())
        self._says(f"the server that replicas share is away ({problem}); until it is back, each counts for itself")

    async def close(self) -> None:
        """Whoever still waits is told that it is away."""
        self.up = False
        tasks = [one for one in (self._sending, self._looking) if one]
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._pool.aclose()

    async def _send(self) -> None:
        """Everything that waits, until nothing does."""
        batch: list[tuple[Command, asyncio.Future[Any]]] = []
        try:
            while self._waiting and self.up:
                batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
                answers = await self._round([command for command, _ in batch])
                for (_, asked), answer in zip(batch, answers, strict=True):
                    self._tell(asked, AWAY if isinstance(answer, Exception) else answer)
                for answer in answers:
                    if isinstance(answer, Exception):
                        raise answer
        except Exception as problem:  # of the library, of sockets, of names; none of them may reach a request
            self.away(self._told(problem))
        finally:
            self._sending = None
            left, self._waiting = batch + self._waiting, []
            for _, asked in left:
                self._tell(asked, AWAY)

    async def _round(self, commands: Sequence[Command]) -> list[Any]:
        """One round trip: answers in order, those that are errors as values.

        One that fails or is given up closes its connection, in the library: answers still to come on it are nobody's.
        """
        answers: list[Any] = []
        async with asyncio.timeout(self._patience):
            connection = await self._pool.get_connection()
            try:
                await connection.send_packed_command(connection.pack_commands(commands))
                for _ in commands:
                    try:
                        answers.append(await connection.read_response())
                    except ResponseError as refused:
                        answers.append(refused)
            finally:
                await self._pool.release(connection)
        return answers

    async def _look(self) -> None:
        """Until it is back."""
        since = time.monotonic()
        while not self.up:
            await asyncio.sleep(self._pause)
            try:
                if self._sending:
                    await asyncio.wait([self._sending])  # what it still gets answered is part of what is counted here
                await self.tell([("PING",)])
                for one in self._followers:
                    await one.catch_up()
            except Exception as problem:
                self.counts[f"still away: {type(problem).__name__}"] += 1
                self.problem = self._told(problem)
                continue
            self.up, self.problem = True, ""
            for one in self._followers:
                one.caught_up()
        self.counts["returns"] += 1
        self._says(f"the server that replicas share is back after {time.monotonic() - since:.0f} s")

    def _told(self, problem: Exception) -> str:
        if isinstance(problem, TimeoutError):
            return f"no answer in {self._patience * 1000:.0f} ms"
        return str(problem) or type(problem).__name__

    def _tell(self, asked: asyncio.Future[Any], answer: Any) -> None:
        if not asked.done():  # else whoever asked was cancelled
            asked.set_result(answer)
            if answer is AWAY:
                self.counts["unanswered"] += 1


def text(answer: bytes) -> str:
    """An answer that was sent as text."""
    return answer.decode("utf-8", _HALVES)
