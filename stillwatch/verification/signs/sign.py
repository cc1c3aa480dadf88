"""What a sign of fraud at sign-up is: when it shows, how often operators and customers show it, and who is innocent of it.

`m` is the share of operators' sign-ups that show it and `u` that of customers', both stated. log2(m / u) bits where it shows
and log2((1 - m) / (1 - u)) where it was looked for and does not are what it would weigh alone, as for ties (links/tie.py);
what it weighs among the others was fitted, drawn to half of that (likelihood.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stillwatch.verification.signup import Signup


@dataclass(frozen=True)
class Sign:
    """One sign. `shows` gives None where what it needs was not told."""

    code: str
    family: str  # mail, phone, payment, place, client, programme or told: signs of one family fail together
    shows: Callable[[Signup, Any], bool | None]  # of a sign-up and the lists (verification/lists.py)
    operators: float  # m, share 0..1 of operators' sign-ups
    customers: float  # u, share 0..1 of customers' sign-ups
    phrase: str  # what was seen, for a sentence: "the mail address is at a disposable domain"
    innocent: str  # who shows it too
    says: Callable[[Signup, Any], str] | None = None  # of one that shows it, in place of the phrase
