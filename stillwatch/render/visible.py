"""Text from a log made safe to look at: nothing in it can hide, turn around or take over what a person reads.

Prompts are written by the people we look for. Escaping for HTML is the template's work; this is about characters that
do harm in every view: terminal escapes, bidirectional overrides, invisible letters, and lines without an end.
"""

from __future__ import annotations

import re

# Kept: tab and line feed, and the two joiners (U+200C, U+200D) that Persian, Hindi and emoji need.
_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls: a terminal obeys them
    "\xad\u200b\u2060-\u2064\ufeff\u180e"  # invisible: two texts that look equal and are not
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # bidirectional marks: text that reads backwards
    "\u2028\u2029"  # line ends that few programs expect
    "\ud800-\udfff\ufff9-\ufffb\ufffe\uffff"  # not text at all
    "\U000e0000-\U000e007f"  # tag letters: whole sentences nobody sees
    "]"
)


def visible(text: str) -> str:
    """The text with every hidden or obeyed character written out, such as [U+202E]."""
    return _HIDDEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


def clipped(text: str, limit: int) -> str:
    """The text, or its beginning and how much of it is not shown."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def one_line(text: str) -> str:
    """The text on one line, for a table cell or a tree branch."""
    return " ".join(visible(text).split())
