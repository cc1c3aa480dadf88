"""Reasoning in the text itself, <think>…</think>, as engines send it that were started without a parser for it.

Only what opens the text is taken for it: further on, the tag may be what the answer is about.
"""

from __future__ import annotations

from stillwatch.guard.reasoning.summary import Read

OPENS, CLOSES = "<think>", "</think>"


class Opened:
    """One text, in the pieces in which it comes. Of them only what may be the beginning of a tag is held back."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._held = ""
        self._inside: bool | None = None  # None: it has not said anything yet
        self._through = False

    def feed(self, text: str) -> str:
        """What is shown of it now."""
        if self._through:
            return text
        text, self._held = self._held + text, ""
        space = ""
        if self._inside is None:
            said = text.lstrip()
            space = text[: len(text) - len(said)]
            if not said.startswith(OPENS):
                if OPENS.startswith(said):
                    self._held = said
                    return space
                self._through = True
                return text
            self._inside, text = True, said[len(OPENS) :]
        thought, closed, after = text.partition(CLOSES)
        if not closed:
            keeps = next(size for size in range(len(CLOSES) - 1, -1, -1) if text.endswith(CLOSES[:size]))
            thought, self._held = text[: len(text) - keeps], text[len(text) - keeps :]
        self._read.add(self, thought)
        return space + self._ended() + after if closed else space

    def end(self) -> str:
        """What is still to be shown when the text has ended."""
        held, self._held = self._held, ""
        if self._through:
            return ""
        return self._ended() if self._inside else held

    def _ended(self) -> str:
        self._through = True
        summary = self._read.summary(self)
        return f"{OPENS}{summary}{CLOSES}" if summary else ""


def shown(text: str, read: Read) -> str:
    """The same of a text in one piece."""
    one = Opened(read)
    return one.feed(text) + one.end()
