"""What of a solution is served, and what a student makes of it before it learns from it. Words in, words out."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from stillwatch.laboratory.language.words import ANSWER, AUTHORS, GROUPS, PLACES

Shown = Callable[[str], str]  # reasoning in, what is shown of it out: what the guard's summaries are, too
_STOP = " ."
_GROUP_OF = {word: group for group in GROUPS.values() for word in group}


def served(text: str, shown: Shown) -> str:
    """The solution with so much of its reasoning; its answer stays as it is."""
    reasoning, _, answer = text.partition(ANSWER)
    return f"{readable(shown(reasoning.strip()))} {ANSWER}{answer}".strip()


def readable(text: str) -> str:
    """Words of the language: where a summary cuts, half a word may stand."""
    return " ".join(word for word in text.split() if word in PLACES)


def whole(reasoning: str) -> str:
    """All of it: no safeguard."""
    return reasoning


def omitted(reasoning: str) -> str:
    """None of it."""
    return ""


def reordered(reasoning: str) -> str:
    """Conclusion first and self-talk left out: nothing false, and another order than the one it was found in."""
    sentences = [one for one in reasoning.split(_STOP) if one.strip()]
    kept = [one.strip() for one in sentences if one.split()[0] not in GROUPS["hmm"]]
    return " ".join(f"{one}{_STOP}" for one in [*kept[-1:], *kept[:-1]])


def reworded(text: str, share: float, random: Random) -> str:
    """What a student may do against marks: this share of words that mean the same as others becomes any of them."""
    return " ".join(
        random.choice(_GROUP_OF[word]) if word in _GROUP_OF and random.random() < share else word
        for word in text.split()
    )


def canaried(text: str, canary: str) -> str:
    """Whoever would say so, it is the canary: one of many that it could have been, and nothing depends on which."""
    return " ".join(canary if word in AUTHORS else word for word in text.split())
