"""Which editor an answer goes through, by what a rule says is shown and by what its request has asked."""

from __future__ import annotations

from collections.abc import Callable

from stillwatch.guard.reasoning.choices import Choices
from stillwatch.guard.reasoning.edit import Editor, Shape
from stillwatch.guard.reasoning.messages import Messages
from stillwatch.guard.reasoning.responses import Responses
from stillwatch.guard.reasoning.stream import Streamed
from stillwatch.guard.reasoning.summary import Read, Summariser, extracted
from stillwatch.guard.reasoning.whole import Whole

_SHAPES: dict[str, Callable[[Read, bool], Shape]] = {
    "chat": lambda read, summarised: Choices(read, chat=True),
    "completions": lambda read, summarised: Choices(read, chat=False),
    "responses": Responses,
    "messages": lambda read, summarised: Messages(read),
}


def editor(shown: str, endpoint: str, streamed: bool, summarise: Summariser = extracted) -> Editor | None:
    """What takes reasoning out of an answer; None where there is nothing to take out."""
    make = _SHAPES.get(endpoint)
    if not shown or make is None:
        return None
    summarised = shown == "summary"
    read = Read(summarise if summarised else None)
    shape = make(read, summarised)
    return Streamed(shape, read) if streamed else Whole(shape, read)
