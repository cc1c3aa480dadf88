"""Whether a newcomer continues an account that was closed: at sign-up, and again after its first exchanges.

`judge` is pure, and the same online and over a log: what was known at a moment, what a newcomer showed by then, and how
likely it is that the two are one hand's. It says; it never acts.
"""

from __future__ import annotations

from stillwatch.verification.returning.closed import Closed, Holder, Place
from stillwatch.verification.returning.judged import Returning, judge
from stillwatch.verification.returning.newcomer import Newcomer, Sent
from stillwatch.verification.returning.population import Habits, Population

__all__ = ["Closed", "Habits", "Holder", "Newcomer", "Place", "Population", "Returning", "Sent", "judge"]
