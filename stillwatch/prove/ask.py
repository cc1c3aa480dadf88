"""Asks one model a plan's questions, at an endpoint that its holder names: the only thing here that speaks to a server.

Slowly, one plan and no more, by OpenAI's chat interface. Each answer is on the disk before the next is counted, so that
what was interrupted goes on where it was.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import BadConfiguration, EngineMissing
from stillwatch.prove.plan import Question
from stillwatch.safeguards.chain import instant

_PATIENCE = 300.0  # seconds for an answer
_TRIES = 5  # of one question, where a server is busy
_FIRST_WAIT, _LONGEST_WAIT = 2.0, 60.0  # seconds before it is asked again
_BUSY = (408, 409, 425, 429, 500, 502, 503, 504, 529)  # HTTP: asked again
_MOST_REFUSED = 20  # answers in a row that are none: then something is wrong with more than a question
_USER_AGENT = "stillwatch-prove"  # who asks does not hide


@dataclass(frozen=True)
class Endpoint:
    """Where a model is asked, and how."""

    url: str  # up to /v1
    model: str
    key: str = ""
    most_tokens: int = 400  # of an answer: where reasoning and a first paragraph end
    temperature: float = 0.0  # what a model is surest of shows best what it has learnt
    per_minute: float = 60.0
    at_once: int = 4


def left(questions: Sequence[Question], out: Path) -> list[Question]:
    """Questions without an answer in the file yet. A line that was broken off is taken away."""
    if not out.exists():
        return list(questions)
    data = out.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        out.write_bytes(whole)
    done = set()
    for line in whole.splitlines():
        try:
            done.add(orjson.loads(line)["id"])
        except (ValueError, KeyError, TypeError):
            raise BadConfiguration(
                "the file of answers has a line that is none",
                str(out),
                "what `stillwatch prove ask` wrote",
                "another name",
            ) from None
    return [one for one in questions if one.id not in done]


def ask(questions: Sequence[Question], at: Endpoint, out: Path, says: Callable[[int], None]) -> Mapping[str, int]:
    """Ask them all; how many were answered, and how many not, by reason. `says` is told how many are done."""
    try:
        import aiohttp  # noqa: F401
    except ImportError:
        raise EngineMissing(
            "the library for asking is not installed", "aiohttp", "stillwatch[prove]", "pip install 'stillwatch[prove]'"
        ) from None
    return asyncio.run(_Asking(at, out, says).all(questions))


class _Asking:
    def __init__(self, at: Endpoint, out: Path, says: Callable[[int], None]) -> None:
        self._at, self._out, self._says = at, out, says
        self._told: dict[str, int] = {"answered": 0}
        self._in_a_row = 0
        self._next = 0.0

    async def all(self, questions: Sequence[Question]) -> Mapping[str, int]:
        from aiohttp import ClientSession, ClientTimeout

        headers = {"user-agent": _USER_AGENT, **({"authorization": f"Bearer {self._at.key}"} if self._at.key else {})}
        waiting = list(reversed(questions))
        self._out.parent.mkdir(parents=True, exist_ok=True)
        async with ClientSession(headers=headers, timeout=ClientTimeout(total=_PATIENCE)) as session:
            with self._out.open("ab") as file:

                async def work() -> None:
                    while waiting and self._in_a_row < _MOST_REFUSED:
                        row = await self._one(session, waiting.pop())
                        if row is not None:
                            file.write(orjson.dumps(row) + b"\n")
                            file.flush()
                        self._says(sum(self._told.values()))

                await asyncio.gather(*(work() for _ in range(self._at.at_once)))
        return self._told

    async def _one(self, session: Any, question: Question) -> dict[str, Any] | None:
        """A row for the file; None where there is no answer."""
        body = {
            "model": self._at.model, "max_tokens": self._at.most_tokens, "temperature": self._at.temperature,
            "messages": [{"role": role, "content": text} for role, text in question.messages],
        }  # fmt: skip
        why = await self._answered(session, body)
        if isinstance(why, str):
            self._told[why] = self._told.get(why, 0) + 1
            self._in_a_row += 1
            return None
        self._told["answered"] += 1
        self._in_a_row = 0
        return {"id": question.id, **why, "at": instant(time.time())}

    async def _answered(self, session: Any, body: Mapping[str, Any]) -> dict[str, Any] | str:
        """What the model said, or why it did not."""
        from aiohttp import ClientError

        wait, why = _FIRST_WAIT, ""
        for attempt in range(_TRIES):
            if attempt:
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            await self._turn()
            try:
                async with session.post(f"{self._at.url.rstrip('/')}/chat/completions", json=body) as answer:
                    if answer.status in _BUSY:
                        why = f"HTTP {answer.status}"
                        continue
                    if answer.status != 200:
                        return f"HTTP {answer.status}"
                    return _said(await answer.read())
            except (ClientError, TimeoutError) as problem:
                why = type(problem).__name__
        return why

    async def _turn(self) -> None:
        """Wait until the next question may be sent."""
        now = time.monotonic()
        at = max(self._next, now)
        self._next = at + 60 / self._at.per_minute
        await asyncio.sleep(at - now)


def _said(body: bytes) -> dict[str, Any] | str:
    try:
        document = orjson.loads(body)
        choice = document["choices"][0]
        text = choice["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError):
        return "not an answer of this interface"
    if not isinstance(text, str) or not text:
        return "an answer without text"
    return {"answer": text, "model": str(document.get("model", "")), "finish_reason": choice.get("finish_reason")}
