"""Reasoning told from its end: what it comes to, then the steps, without what the model says to itself.

After PART (arXiv 2510.11545), which has a model rewrite a trace; here it is the reasoning's own sentences, moved and left
out, so that nothing is said that it does not say. The last paragraph goes first, and of each paragraph its last sentence:
there stands what they come to. Twice is not once: where a conclusion stood is seen by its place alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, groupby
from operator import itemgetter

from stillwatch.guard.reasoning.self_talk import Talk, talk
from stillwatch.guard.reasoning.sentences import Paragraph, Sentence, paragraphs

_ITEM = re.compile(r"(?:[-*+•]|\(?\w{1,3}[.)])\s")  # of a list, whose last is no conclusion
_WIDE = ("。", "！", "？", "」", "』", "）")  # after which no space is written
_ASKS = ("?", "？")
_Unit = tuple[int, list[Sentence]]  # number of a paragraph, a sentence, and those that have to stay behind it


def reordered(text: str) -> str:
    """The same reasoning, conclusions first; empty if all of it is self-talk."""
    given = paragraphs(text)
    told = [_turned(given[place].lines, list(units)) for place, units in _by_paragraph(_without_self_talk(given))]
    return "\n\n".join(told[-1:] + told[:-1])


def _without_self_talk(given: list[Paragraph]) -> list[_Unit]:
    """What is taken back goes with the sentence that does so, or would stand as if it held; what is too long for that stays."""
    kept: list[_Unit] = []
    taken = False  # back, by the self-talk before
    for place, paragraph in enumerate(given):
        for sentence in paragraph.sentences:
            kind = None if sentence.whole else talk(sentence.text)
            if kind is None or (kind is Talk.TIED and not kept):
                kept.append((place, [sentence]))
                taken = False
            elif kind is Talk.TIED:
                kept[-1][1].append(sentence)
            elif kind is Talk.BACK and not taken:
                taken = True
                if kept and kept[-1][1][-1].whole:
                    kept[-1][1].append(sentence)
                else:
                    _take_back(kept)
    return kept


def _take_back(kept: list[_Unit]) -> None:
    """Leave the last statement out, and what was asked about it."""
    while kept and not any(one.whole for one in kept[-1][1]):
        _, gone = kept.pop()
        if not gone[-1].text.endswith(_ASKS):
            return


def _by_paragraph(kept: list[_Unit]) -> Iterator[tuple[int, Iterator[list[Sentence]]]]:
    for place, units in groupby(kept, key=itemgetter(0)):
        yield place, (sentences for _, sentences in units)


def _turned(lines: bool, units: list[list[Sentence]]) -> str:
    """A paragraph, its last sentence first."""
    if not _ITEM.match(units[-1][0].text):
        units = units[-1:] + units[:-1]
    said: list[str] = []
    for one in chain.from_iterable(units):
        if said:
            said.append("\n" if lines else "" if said[-1].endswith(_WIDE) else " ")
        said.append(one.text)
    return "".join(said)
