"""Puts a campaign's sentences in other words, anew for each request, as a cheap paraphraser does.

What may stand for what is a table: data/worlds/synonyms.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import count

_REFERENCE = re.compile(r"(@\{[^{}]+\})")
_PROGRAM = re.compile(r"^\s*(\d+× ?)?[\[{<]*\{")  # JSON, such as tool definitions: another word would break it
_WIDE = re.compile(r"[\u3400-\u9fff]")  # written without spaces between words
_FIRST = 1_000  # numbers of bindings from here on, which no phrase book uses

Wordings = Mapping[str, Sequence[str]]


def reworded(texts: Sequence[str], wordings: Wordings) -> tuple[list[str], dict[str, list[str]]]:
    """The texts with a choice of words wherever the table knows one, and the books that the choices are drawn from."""
    pattern = _pattern(wordings)
    books: dict[str, list[str]] = {}
    number = count(_FIRST)

    def choice(match: re.Match[str]) -> str:
        word = match[0]
        name, choices = f"~{word}", [word, *wordings[word.lower()]]
        if word[0].isupper():
            choices = [one[0].upper() + one[1:] for one in choices]
        books[name] = choices
        return f"@{{{name}.row.{next(number)}}}"

    def other(text: str) -> str:
        if _PROGRAM.match(text):
            return text
        pieces = _REFERENCE.split(text)  # references stand at the odd places
        pieces[::2] = [pattern.sub(choice, piece) for piece in pieces[::2]]
        return "".join(pieces)

    return [other(text) for text in texts], books


def _pattern(wordings: Wordings) -> re.Pattern[str]:
    """Longest first; whole words, where the script has words."""
    known = sorted(wordings, key=len, reverse=True)
    wide = [re.escape(one) for one in known if _WIDE.search(one)]
    narrow = [re.escape(one) for one in known if not _WIDE.search(one)]
    parts = [part for part in ("|".join(wide), rf"(?<!\w)(?:{'|'.join(narrow)})(?!\w)" if narrow else "") if part]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)
