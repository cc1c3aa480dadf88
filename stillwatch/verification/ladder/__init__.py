"""The ladder: what is asked of a sign-up, what came of it, what follows from it, and how it is undone."""

from __future__ import annotations

from stillwatch.verification.ladder.case import Case, Opened, Step
from stillwatch.verification.ladder.cases import Cases

__all__ = ["Case", "Cases", "Opened", "Step"]
