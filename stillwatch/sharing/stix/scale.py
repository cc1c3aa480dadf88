"""Numbers of ours on the scales of STIX.

`confidence` is a probability in hundredths, to be read on the DNI scale of STIX 2.1, appendix A (80 to 95: very likely; over
95: almost certain). Nothing is told with 0 or 100: no finding from traffic is impossible or certain.
"""

from __future__ import annotations


def confidence(probability: float) -> int:
    """0..1 on the scale of STIX, 1..99."""
    return min(max(round(100 * probability), 1), 99)


def opinion(score: float) -> str:
    """How far a finding is agreed to, as STIX's opinions say it. What was not seen is neutral, never disagreed with."""
    return "strongly-agree" if score >= 0.9 else "agree" if score >= 0.5 else "neutral"
