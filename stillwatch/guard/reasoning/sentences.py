"""Reasoning as paragraphs of sentences. Code, tables and formulas belong to the sentence that brings them in, and stay whole.

Every step goes through the text once, whatever stands in it: others are not served meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

_FENCE = r"^[ \t]*+(`{3,}+|~{3,}+)"
_OPENS = re.compile(
    rf"(?P<fence>{_FENCE}[^`\n]*+$)|(?P<lines>(?:^(?:[ ]{{4}}|[ ]{{0,3}}\t|[ ]{{0,3}}\|)[ \t]*+[^\s][^\n]*+(?:\n|\Z))++)"
    r"|(?P<formula>\$\$|\\\[|\\begin\{)",
    re.MULTILINE,
)
_CLOSES_FENCE = re.compile(rf"{_FENCE}[ \t\r]*+$", re.MULTILINE)
_CLOSES = {"$$": "$$", "\\[": "\\]"}
_NESTS = re.compile(r"\\(?:(begin)|end)\{[^}\n]*+\}?")
_STOPS = re.compile(
    r"`[^`\n]*`|\$[^$\n]*\$|\\\((?:[^\\\n]|\\[^()\n])*+\\\)"  # inside a line of code or a formula no sentence ends
    r"|([.!?…]++[)\]\"'”’»*_]*+)|([。！？]++[」』”’）]*+)|(\n\s*+)"
)
_SHORT = re.compile(  # what is shortened, before its full stop
    r"(?:^|[\s(\[])(?:[^\W\d]\.\s?[^\W\d]|dr|mr|mrs|ms|prof|st|vs|cf|eq|fig|nr|sec|approx|bzw|bspw|vgl|resp|ej"
    r"|см|др|пр|рис|табл|напр)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*+\(?(?:\d{1,3}|\w)$")  # of an item, where a sentence begins with it
_LONGEST_SHORT = (
    8  # characters before a full stop that are looked at: the longest of those above, and what is before it
)
_AFTER = re.compile(r"[ \t]++(\S)")
_SENTENCE, _LINE, _PARAGRAPH, _WHOLE = range(4)


class Sentence(NamedTuple):
    """One, with what it brings in."""

    text: str
    whole: bool  # it holds code, a table or a formula on lines of its own


class Paragraph(NamedTuple):
    """What stands between empty lines."""

    sentences: list[Sentence]
    lines: bool  # its sentences stand on lines of their own


def paragraphs(text: str) -> list[Paragraph]:
    """All of a text but the space around its sentences."""
    found: list[Paragraph] = []
    sentences: list[Sentence] = []
    begin, lines, whole = 0, False, False
    for end, kind in _ends(text):
        if kind == _WHOLE:
            if not whole:
                begin = end - len(text[begin:end].lstrip())  # the space before a line of code belongs to it
            whole = True
            continue
        if said := text[begin:end].rstrip() if whole else text[begin:end].strip():
            sentences.append(Sentence(said, whole))
        lines = lines or whole or kind == _LINE
        begin, whole = end, False
        if kind == _PARAGRAPH and sentences:
            found.append(Paragraph(sentences, lines))
            sentences, lines = [], False
    return found


def _ends(text: str) -> Iterator[tuple[int, int]]:
    """Where sentences, lines and paragraphs end, and where something begins that is kept whole."""
    place = sentence = 0
    for begin, end in chain(_kept_whole(text), ((len(text), len(text)),)):
        for found in _STOPS.finditer(text, place, begin):
            stop = found.end()
            match found.lastindex:
                case 1:
                    if text[stop : stop + 1] not in " \t" or not _ends_here(text, sentence, found.start(), stop):
                        continue
                    kind = _SENTENCE
                case 2:
                    kind = _SENTENCE
                case 3:
                    if stop == begin < len(text):
                        continue  # something follows that belongs to the sentence
                    kind = _LINE if found[0].count("\n") < 2 else _PARAGRAPH
                    if kind == _LINE and text[stop : stop + 1].islower():
                        continue  # a line that was only full
                case _:
                    continue
            yield stop, kind
            sentence = stop
        if begin < end:
            yield begin, _WHOLE
        place = end
    yield len(text), _PARAGRAPH


def _ends_here(text: str, begin: int, stop: int, end: int) -> bool:
    """Whether a stop, with space after it, ends the sentence that has begun there."""
    after = _AFTER.match(text, end)
    if after is None or after[1].islower():
        return False
    if text[stop:end] != ".":
        return True
    return not (
        _SHORT.search(text, max(stop - _LONGEST_SHORT, begin), stop)
        or (stop - begin < _LONGEST_SHORT and _NUMBER.match(text, begin, stop))
    )


def _kept_whole(text: str) -> Iterator[tuple[int, int]]:
    """Fenced and indented code, tables, displayed formulas. A fence without an end goes on to the end, a formula is none."""
    place, unclosed = 0, set()
    while found := _OPENS.search(text, place):
        opens, place = found["formula"], found.end()
        if lines := found["lines"]:
            place -= lines.endswith("\n")  # with which the line ends, and not what is kept
            yield found.start(), place
        elif opens is None:
            place = _end_of_fence(text, found[2], place)
            yield found.start(), place
        elif opens not in unclosed:
            end = _end_of_environment(text, found.start()) if opens not in _CLOSES else text.find(_CLOSES[opens], place)
            if end < 0:
                unclosed.add(opens)  # and so is each that follows: the text is not searched again
            else:
                place = end + len(_CLOSES.get(opens, ""))
                yield found.start(), place


def _end_of_fence(text: str, opened: str, place: int) -> int:
    for found in _CLOSES_FENCE.finditer(text, place):
        if found[1][0] == opened[0] and len(found[1]) >= len(opened):
            return found.end()
    return len(text)


def _end_of_environment(text: str, place: int) -> int:
    depth = 0
    for found in _NESTS.finditer(text, place):
        depth += 1 if found[1] else -1
        if depth <= 0:
            return found.end()
    return -1
