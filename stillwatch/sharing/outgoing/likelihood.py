"""Probabilities in words that have ranges: those of Intelligence Community Directive 203. No word means that a thing is so."""

from __future__ import annotations

# Least probability of each, in percent, and how far it goes.
_WORDS = (
    (95, "almost certain", "95–99%"), (80, "very likely", "80–95%"), (55, "likely", "55–80%"),
    (45, "a roughly even chance", "45–55%"), (20, "unlikely", "20–45%"), (5, "very unlikely", "5–20%"),
    (0, "almost no chance", "1–5%"),
)  # fmt: skip


def likely(confidence: int | None) -> str:
    """A confidence of STIX, 0..100, with its range, so that nobody has to know the scale: `very likely (80–95%)`."""
    if confidence is None:
        return "of a likelihood that is not stated"
    return next(f"{word} ({goes})" for least, word, goes in _WORDS if confidence >= least)
