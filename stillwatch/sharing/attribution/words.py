"""How sure an assessment is, in words that have ranges; and how good its grounds are, which is another matter.

Likelihoods: Intelligence Community Directive 203, Analytic Standards (2015), D.6.e.(2)(a). The directive keeps likelihood and
confidence out of one sentence, and so does this. No word means that a thing is so.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A term and its range; from `low` on, below `high`."""

    term: str
    low: float
    high: float


LEAST, MOST = 0.01, 0.99  # what an assessment can come to: its own stated likelihoods are no better than that
WORDS = (
    Word("almost no chance", LEAST, 0.05),
    Word("very unlikely", 0.05, 0.20),
    Word("unlikely", 0.20, 0.45),
    Word("roughly even chance", 0.45, 0.55),
    Word("likely", 0.55, 0.80),
    Word("very likely", 0.80, 0.95),
    Word("almost certain", 0.95, MOST),
)
LIKELY, VERY_LIKELY = 0.55, 0.80  # where these words begin
CONFIDENCES = ("low", "moderate", "high")


def word(likelihood: float) -> Word:
    """The term for a likelihood of 0..1."""
    return next((one for one in WORDS if likelihood < one.high), WORDS[-1])


def told(one: Word) -> str:
    """The term with its range, so that nobody has to know the scale: likely (55–80%)."""
    return f"{one.term} ({one.low:.0%}–{one.high:.0%})".replace("%–", "–")


def bounded(likelihood: float) -> float:
    """Inside of what an assessment can come to."""
    return min(max(likelihood, LEAST), MOST)


_FRAMES = {
    "almost no chance": "There is almost no chance ({}) that {}.",
    "roughly even chance": "There is a roughly even chance ({}) that {}.",
    "almost certain": "It is almost certain ({}) that {}.",
}


def judgement(likelihood: float, what: str) -> str:
    """A sentence of likelihood alone."""
    one = word(likelihood)
    return _FRAMES.get(one.term, f"It is {one.term} ({{}}) that {{}}.").format(told(one)[len(one.term) + 2 : -1], what)


def grounds(level: str, why: str) -> str:
    """A sentence of confidence alone."""
    return f"Confidence in this assessment is {level}: {why}."
