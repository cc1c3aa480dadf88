"""What is said of a sign-up: how likely it is an operator's, why, and what it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from stillwatch.evidence import Reason


@dataclass(frozen=True)
class Assessment:
    """One sign-up's. `reasons` are heaviest first, those that speak for it among them."""

    account_id: str
    at: float  # seconds since 1970
    likelihood: float  # 0..1 that it is made by an operator of many
    bits: float  # of evidence, before what is likely beforehand
    asks: bool  # for a step-up: its likelihood is at or above the threshold
    reasons: tuple[Reason, ...]
    batch: str = ""  # of sign-ups made by one hand, when it is in one; empty else
    pathway: str = "self_serve"
    renews: bool = False  # a programme's proof is asked for anew: what was passed before is no answer
