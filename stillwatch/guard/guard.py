"""The guard of a process: a policy, what is known, and what was done so far; one decision after another.

Files are read in the background and put in place by one assignment each, so that a decision never waits. Whatever goes wrong
on the way to a decision lets the request pass, and is counted.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from stillwatch.guard import receipts
from stillwatch.guard.decide import Ready, decide
from stillwatch.guard.decision import PASS, Decision
from stillwatch.guard.facts import NOTHING_KNOWN
from stillwatch.guard.known import Known
from stillwatch.guard.limits import Limits
from stillwatch.guard.policy import Policy
from stillwatch.guard.receipts import Receipt

Newest = Callable[[], str]  # the newest message of a request, taken out of it when it is asked for


class Guard:
    """Decides. One thread at a time asks; another may exchange policy and knowledge."""

    def __init__(self, policy: Policy, passed: Mapping[str, Receipt], known: Known, secret: bytes, now: float) -> None:
        self.limits = Limits()
        self.counts: Counter[str] = Counter()  # decisions, by what they did; failures, by kind
        self.secret = secret
        self.known = known
        self.take(policy, passed, now)

    def take(self, policy: Policy, passed: Mapping[str, Receipt], now: float) -> None:
        """Decide by this policy from now on. Live rules without a backtest in order are shadows."""
        self.objections = receipts.objections(policy, passed, datetime.fromtimestamp(now, UTC))
        acting = [rule.id for rule in policy.rules if rule.id not in self.objections]
        self.ready = Ready(policy, acting, self.secret)

    def look(self, known: Known) -> None:
        """Decide by what was found at a newer look; rules that hit people who turn out to be in no campaign stop."""
        self.known = known
        stopped = self.limits.reviewed(self.ready.rules, known.verdict)
        self.counts["rules stopped"] += len(stopped)

    def decide(
        self, request: Mapping[str, Any], account: str, organization: str, now: float, newest: Newest = str
    ) -> Decision:
        """What is done to a request: its own facts, who sent it (empty when nobody knows), seconds since 1970.

        Its `newest` message is taken out of it only where a rule asks about it.
        """
        try:
            known = self.known
            facts = {
                **NOTHING_KNOWN, **known.registered.facts(account, organization, now), **known.of(account), **request,
                "account.id": account, "account.step_up": known.asked.standing_of(account, now),
            }  # fmt: skip
            if known.indicators.actors:
                facts["client.indicators"] = known.indicators.of_client(facts["client.address"], facts["client.tls"])
            if "request.templates" in self.ready.conditions.named:
                facts["request.templates"] = self._fitting(newest)
            found_at = known.found_at.get(account, 0.0)
            decision = decide(facts, self.ready, now, self.limits.admits, _name, found_at, known.at)
        except Exception as problem:
            self.counts[f"failed: {type(problem).__name__}"] += 1
            return PASS
        self.counts["passed" if decision.answer is None else decision.answer.name] += 1
        return decision

    def _fitting(self, newest: Newest) -> list[str]:
        """Campaigns of whose templates the message is. Unknown if that fails: rules that do not ask for it go on."""
        templates = self.known.templates
        try:
            return [] if templates is None else templates.fitting(newest())
        except Exception as problem:
            self.counts[f"no text: {type(problem).__name__}"] += 1
            return []


def _name() -> str:
    """Of a decision: random, so that nobody can tell from it how many there are, or ask for another's."""
    return f"D-{uuid.uuid4().hex[:20]}"
