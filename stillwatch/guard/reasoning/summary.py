"""A summary of reasoning made of its own sentences: without a model, at once, and of a bounded share of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable

Summariser = Callable[[str], str]  # reasoning in, what is shown of it out

MOST_SHOWN = 0.2  # of the characters: what says where reasoning goes, and is too little to train a model on
LONGEST = 1_200  # characters: a screen
MOST_READ = (
    1 << 18
)  # characters kept of one answer, some 64,000 tokens: they take 12 ms, and nobody else is served then
_PARAGRAPHS = re.compile(r"\n\s*\n")
_SENTENCES = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")
CUT = "…"


def extracted(text: str) -> str:
    """The first and the last sentence of each paragraph, evenly thinned to what may be shown."""
    most = min(int(len(text) * MOST_SHOWN), LONGEST)
    kept: list[str] = []
    for paragraph in _PARAGRAPHS.split(text):
        sentences = [one.strip() for one in _SENTENCES.split(paragraph) if one.strip()]
        kept += sentences[:1] + sentences[1:][-1:]
    size = sum(len(one) + 1 for one in kept)
    thinned = kept[:: -(-size // max(most, 1))] if size > most else kept
    said = " ".join(thinned)
    return said if len(said) <= most else said[: max(most - 1, 0)].rstrip() + CUT if most else ""


class Read:
    """Reasoning that is kept until it has ended. Without a summariser nothing is, and every summary is empty.

    So is one that fails: what was to be hidden is not shown because of it.
    """

    def __init__(self, summarise: Summariser | None, most: int = 0) -> None:
        self._summarise = summarise
        self._texts: dict[Hashable, list[str]] = {}
        self._left = most or MOST_READ  # characters that are still kept
        self.failed = ""

    def add(self, of: Hashable, text: str) -> None:
        """More of the reasoning of one choice, block or item."""
        if self._summarise is not None and (some := text[: self._left]):
            self._left -= len(some)
            self._texts.setdefault(of, []).append(some)

    def summary(self, of: Hashable) -> str:
        """Of all that was added since it was last asked."""
        texts = self._texts.pop(of, None)
        if texts is None or self._summarise is None:
            return ""
        text = "".join(texts)
        self._left += len(text)
        try:
            return self._summarise(_whole_characters(text))
        except Exception as problem:
            self.failed = type(problem).__name__
            return ""


def _whole_characters(text: str) -> str:
    """Without half an emoji, which JSON can hold and nothing of ours can write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
