"""Which editor an answer goes through, by what a rule says is shown and by what its request has asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from stillwatch.guard.reasoning.awaited import Made, Making, Summaries
from stillwatch.guard.reasoning.choices import Choices
from stillwatch.guard.reasoning.edit import Editor, Shape
from stillwatch.guard.reasoning.messages import Messages
from stillwatch.guard.reasoning.reordered import reordered
from stillwatch.guard.reasoning.responses import Responses
from stillwatch.guard.reasoning.stream import Streamed
from stillwatch.guard.reasoning.summary import Read, Summariser, extracted
from stillwatch.guard.reasoning.whole import Whole

MOST_REORDERED = 1 << 20  # characters of one answer, some 250,000 tokens: more than models are given to think
AT_ONCE = 1 << 13  # characters reordered while nobody else is served: some 2,000 tokens, which take 2 ms
_THREAD = ThreadPoolExecutor(1, "reordering")  # for longer ones: two would only take the turns of everybody else

_SHAPES: dict[str, Callable[[Read, str], Shape]] = {
    "chat": lambda read, shown: Choices(read, chat=True),
    "completions": lambda read, shown: Choices(read, chat=False),
    "responses": Responses,
    "messages": lambda read, shown: Messages(read),
}


def editor(shown: str, endpoint: str, streamed: bool, by: Summariser | None) -> Editor | None:
    """What edits the reasoning of an answer, which `by` makes something else of; None where there is none to edit."""
    make = _SHAPES.get(endpoint)
    if not shown or make is None:
        return None
    read = Read(None if shown == "none" else by, MOST_REORDERED if shown == "reordered" else 0)
    shape = make(read, shown)
    return Streamed(shape, read) if streamed else Whole(shape, read)


def making(shown: str, summaries: Summaries | None) -> Making | None:
    """What makes of reasoning what is shown of it; None where nothing is."""
    match shown:
        case "reordered":
            return _reordered
        case "summary":
            return extracted if summaries is None else summaries.summaries()
    return None


def _reordered(text: str) -> Made:
    return reordered(text) if len(text) <= AT_ONCE else _beside(text)


async def _beside(text: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_THREAD, reordered, text)
