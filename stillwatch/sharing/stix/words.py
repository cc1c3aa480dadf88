"""The shared words of a template, as far as they may leave: whatever looks like a name of somebody becomes a slot."""

from __future__ import annotations

import re

from stillwatch.skeletons import SLOT

LEAST_WORDS = 5  # of what is left: fewer are an everyday phrase
_NAMES = (  # in this order: an address in a URL is part of the URL
    r"[a-z][a-z0-9+.-]*://\S+",
    r"[^\s@⟨⟩]+@[^\s@⟨⟩]+\.[^\s@⟨⟩]+",
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
    r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?\b",
    r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,}[0-9a-f.]{0,15}(?:/\d+)?",
    r"\+?\d(?:[\s()./-]{0,2}\d){6,}",
    r"\b(?=\w*\d)(?=\w*[a-z])[\w-]{16,}\b",
    r"\b(?:sk|pk|key|tok|org|acct|user)[-_][\w-]{4,}\b",
)
_NAME = re.compile("|".join(_NAMES), re.IGNORECASE)
_IDEOGRAPH = r"[\u3040-\u30ff\u3400-\u9fff]"  # a word of its own, or nearly
_WORD = re.compile(rf"{_IDEOGRAPH}|(?:(?!{_IDEOGRAPH})[^\W\d_]){{2,}}")
_SPLIT = re.compile(r"[\s,;()\[\]{}<>\"'`⟨⟩…]+")


def told(skeleton: str, most: int) -> tuple[str, int]:
    """The skeleton with names as slots, cut to so many characters; and how many names there were."""
    kept, names = _NAME.subn(SLOT, skeleton)
    kept = re.sub(rf"(\s*{SLOT}\s*)+", f" {SLOT} ", kept).strip()
    return (kept if len(kept) <= most else kept[: most - 2].rstrip() + " …"), names


def says_something(skeleton: str) -> bool:
    """Enough words to tell a template by."""
    return len(_WORD.findall(skeleton)) >= LEAST_WORDS


def parts(value: str) -> set[str]:
    """What an identifier could be in a value: itself, its words, and what slashes, colons and @ divide."""
    pieces = {value, *_SPLIT.split(value)}
    pieces |= {part for one in pieces for part in re.split(r"[/:@=.]", one)} | {one.strip(".:!?") for one in pieces}
    return {one for one in pieces if len(one) >= 4 and not one.isdecimal()}
