"""How many customers each rule has hit, and where it ends: a limit for a day, and a budget of honest ones for good.

An account that was not counted to a campaign at the last look is taken to be honest. A rule that would hit one more of them
than it may does not, and stops: it goes on as a shadow until somebody has changed or backtested it again. So does a rule
whose campaign turned out to be none, as soon as that is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stillwatch.guard.policy import Rule

_DAY = 86_400.0  # seconds
ACCUSED = "campaign"  # the verdict of an account that is counted to one


@dataclass
class Hit:
    """Whom one rule, as it stood in the policy, has acted on."""

    day: int = 0  # since 1970
    today: set[str] = field(default_factory=set)  # accounts of that day
    ever: set[str] = field(default_factory=set)
    honest: set[str] = field(default_factory=set)  # of those, by the last look
    stopped: str = ""  # why; empty while it may act
    full: int = 0  # requests that passed today because of the limit


class Limits:
    """By fingerprint of a rule: a changed rule begins anew. One thread at a time."""

    def __init__(self) -> None:
        self.hits: dict[str, Hit] = {}

    def of(self, rule: Rule) -> Hit:
        """What the rule has done so far."""
        return self.hits.setdefault(rule.fingerprint(), Hit())

    def admits(self, rule: Rule, facts: Mapping[str, Any], now: float) -> bool:
        """Whether the rule may act on this account, and if so, noted."""
        if not rule.acts:
            return True
        hit, account = self.of(rule), facts["account.id"] or facts["client.address"]
        if hit.stopped:
            return False
        if hit.day != (day := int(now // _DAY)):
            hit.day, hit.today, hit.full = day, set(), 0
        if account not in hit.today and len(hit.today) >= rule.limit.accounts:
            hit.full += 1
            return False
        if account not in hit.honest and facts["account.verdict"] != ACCUSED:
            if len(hit.honest) >= rule.limit.honest:
                hit.stopped = f"it would have hit a customer beyond the {rule.limit.honest} honest ones allowed"
                return False
            hit.honest.add(account)
        hit.today.add(account)
        hit.ever.add(account)
        return True

    def reviewed(self, rules: tuple[Rule, ...], verdict: Callable[[str], str]) -> list[Rule]:
        """After a new look: rules that stop now, because too many of those they hit are not counted to a campaign."""
        stopped = []
        for rule in rules:
            hit = self.of(rule)
            hit.honest = {account for account in hit.ever if verdict(account) != ACCUSED}
            if not hit.stopped and len(hit.honest) > rule.limit.honest:
                hit.stopped = (
                    f"{len(hit.honest)} of {len(hit.ever)} customers it hit are not in a campaign, by the last look"
                )
                stopped.append(rule)
        return stopped
