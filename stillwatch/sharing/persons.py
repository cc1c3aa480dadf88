"""Whether two stated names are one person's: what a second person must not be."""

from __future__ import annotations

import unicodedata


def folded(name: str) -> str:
    """A name without what two spellings of it may differ by: case, blanks, and forms of one letter. Empty for no name."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def same_person(one: str, other: str) -> bool:
    """Letters count, not case or blanks."""
    return folded(one) == folded(other)
