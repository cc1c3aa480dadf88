"""Who is at the door: risk of a sign-up, what is asked of it, and whether a banned customer is back."""

from __future__ import annotations

from stillwatch.verification.assessment import Assessment
from stillwatch.verification.outcome import STEPS, Outcome
from stillwatch.verification.signup import Signup

__all__ = ["STEPS", "Assessment", "Outcome", "Signup"]
