"""What a sign-up in doubt is asked for at the door. The step is always told; a case is opened only where that was said.

Of a day's sign-ups that look honest only a share is asked, as in `stillwatch verify ask` (ladder/asks.py): past it the step is
told and no case is opened. Counted by each process for itself, since it began.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from stillwatch.config import Verification
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.ladder import Cases
from stillwatch.verification.ladder.asks import asks
from stillwatch.verification.ladder.rungs import DAY


@dataclass(frozen=True)
class Asked:
    """Steps, any one of which is enough, and the case to show it for; empty where none was opened."""

    steps: tuple[str, ...] = ()
    case: str = ""


class Asks(Protocol):
    """Told of every sign-up, asked of those in doubt; `ask` may wait for a disk, and comes from several threads."""

    def saw(self, found: Assessment) -> None: ...

    def ask(self, found: Assessment, now: float) -> Asked: ...


class NobodyAsked:
    """Where somebody else asks."""

    def saw(self, found: Assessment) -> None:
        """Nothing is counted."""

    def ask(self, found: Assessment, now: float) -> Asked:
        return Asked()


class Asking:
    """By the ladder; `acts` opens cases. `families` are those of signs' codes."""

    def __init__(self, cases: Cases, families: Mapping[str, str], settings: Verification, acts: bool) -> None:
        self._cases, self._families, self._settings, self._acts = cases, families, settings, acts
        self._lock = threading.Lock()
        self._day, self._honest, self._asked = -1, 0, Counter[bool]()

    def saw(self, found: Assessment) -> None:
        """Count it among the day's that look honest."""
        with self._lock:
            self._turn(found.at)
            self._honest += self._looks_honest(found)

    def ask(self, found: Assessment, now: float) -> Asked:
        """What it is asked for: by a case that is open, else by the next step of the ladder."""
        history = self._cases.of_account(found.account_id)
        going = next((one for one in history if one.open), None)
        if going is not None:
            return Asked(going.opened.steps, going.opened.case)
        plan = asks([found], lambda _: history, frozenset(), self._families, self._named, now, self._settings)
        if not plan.cases:  # nothing is left to ask: a person decides
            return Asked()
        (case,) = plan.cases
        if not self._acts or not self._allowed(found):
            return Asked(case.steps)
        self._cases.open_case(case)
        return Asked(case.steps, case.case)

    def _named(self, about: str) -> str:
        """As `stillwatch verify ask` names it, so that both ask once."""
        return f"V-{self._cases.keys.token('case', about)}"

    def _allowed(self, found: Assessment) -> bool:
        honest, settings = self._looks_honest(found), self._settings
        with self._lock:
            self._turn(found.at)
            most = max(settings.least_asked_a_day, int(self._honest * settings.most_asked_a_day))
            if self._asked[honest] >= (most if honest else settings.most_asked_a_run):
                return False
            self._asked[honest] += 1
            return True

    def _looks_honest(self, found: Assessment) -> bool:
        return found.likelihood < self._settings.honest_likelihood

    def _turn(self, at: float) -> None:
        day = int(at // DAY)
        if day > self._day:
            self._day, self._honest = day, 0
            self._asked.clear()
