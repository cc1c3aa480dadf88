"""A confidence of STIX in words that have ranges."""

from __future__ import annotations

from stillwatch.sharing.attribution.words import told, word


def likely(confidence: int | None) -> str:
    """0..100 with its range, so that nobody has to know the scale: `very likely (80–95%)`."""
    if confidence is None:
        return "of a likelihood that is not stated"
    said = told(word(confidence / 100))
    return f"a {said}" if said.startswith("roughly") else said
