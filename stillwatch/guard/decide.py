"""Facts in, decision out. No clock, no file, no network: whatever is asked is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stillwatch.guard import waves
from stillwatch.guard.actions import (
    IN_PLACE,
    Allow,
    Canary,
    CapN,
    DropLogprobs,
    Hold,
    Reasoning,
    Refuse,
    RequireVerification,
    SlowDown,
    TokenBudget,
    Watermark,
)  # fmt: skip
from stillwatch.guard.conditions import Conditions
from stillwatch.guard.decision import PASS, Basis, Decision
from stillwatch.guard.policy import Policy, Rule, Scope

Admits = Callable[[Rule, Mapping[str, Any], float], bool]  # whether a rule may act on these facts now


class Ready:
    """A policy, compiled. `acting` are the rules that may act; others that are live are shadows."""

    def __init__(self, policy: Policy, acting: Iterable[str], secret: bytes) -> None:
        self.policy = policy
        self.rules = tuple(rule for rule in policy.rules if rule.mode != "off")
        self.conditions = Conditions([rule.when for rule in self.rules])
        acting = frozenset(acting)
        self.live = tuple(rule.mode == "live" and rule.id in acting for rule in self.rules)
        self._times = [
            (rule.starts.timestamp(), rule.expires.timestamp(), rule.wave.total_seconds()) for rule in self.rules
        ]
        self._scoped = tuple(rule.scope != Scope() for rule in self.rules)
        self.marks = tuple(rule.fingerprint() for rule in self.rules)
        self._secret = secret

    def stands(self, place: int, facts: Mapping[str, Any], found_at: float, now: float) -> bool:
        """Whether a rule is in force for this request now: its dates, its scope, its wave."""
        starts, expires, wave = self._times[place]
        if not starts <= now < expires:
            return False
        if self._scoped[place] and not _in_scope(self.rules[place], facts):
            return False
        if not wave:
            return True
        drawn = waves.drawn(self._secret, self.rules[place].id, facts["campaign.id"])
        return now >= waves.acts_from(found_at, starts, wave, drawn)


def decide(
    facts: Mapping[str, Any],
    ready: Ready,
    now: float,
    admits: Admits,
    name: Callable[[], str],
    found_at: float = 0.0,
    found_until: str = "",
) -> Decision:
    """What is done to a request of which these `facts` are known (guard/facts.py, all of them).

    `now` and `found_at`, when the account was counted to its campaign, are seconds since 1970; `name` makes a decision's;
    `found_until` is the end of the log by which the facts were found.
    """
    asked = ready.conditions.asked(facts)
    applying = ready.conditions.applying(asked)
    if not applying:
        return PASS
    live: list[Rule] = []
    shadow: list[Rule] = []
    marks: dict[str, str] = {}
    for place in applying:
        if not ready.stands(place, facts, found_at, now):
            continue
        rule = ready.rules[place]
        acts = ready.live[place] and admits(rule, facts, now)
        (live if acts else shadow).append(rule)
        marks[rule.id] = ready.marks[place]
        if acts and any(isinstance(one, Allow) for one in rule.do):
            break
    if not live and not shadow:
        return PASS
    basis = Basis(asked, marks, found_until)
    if not live:
        return Decision(shadow=tuple(rule.id for rule in shadow), basis=basis)
    return _together(live, shadow, facts, name, basis)


def _in_scope(rule: Rule, facts: Mapping[str, Any]) -> bool:
    scope = rule.scope
    return (
        (not scope.models or facts["request.model"] in scope.models)
        and (not scope.endpoints or facts["request.endpoint"] in scope.endpoints)
        and (not scope.pathways or facts["account.pathway"] in scope.pathways)
        and (not scope.campaigns or facts["campaign.id"] in scope.campaigns)
        and (not scope.accounts or facts["account.id"] in scope.accounts)
    )


def _together(
    live: list[Rule], shadow: list[Rule], facts: Mapping[str, Any], name: Callable[[], str], basis: Basis
) -> Decision:
    """All that the rules in force do; of two that differ, the harder."""
    rates, budgets = [], []
    answer: RequireVerification | Hold | Refuse | None = None
    drop_logprobs, most, reasoning, watermark, canary = False, 0, "", "", ""
    for rule in live:
        for action in rule.do:
            match action:
                case SlowDown():
                    rates.append((f"{rule.id}:{facts['account.id']}", action))
                case TokenBudget():
                    budgets.append((f"{rule.id}:{facts[_SHARED_BY[action.of]] or facts['account.id']}", action))
                case DropLogprobs():
                    drop_logprobs = True
                case CapN():
                    most = min(most, action.n) if most else action.n
                case Reasoning():
                    reasoning = max(reasoning, action.shown, key=_HIDES.index)
                case Watermark():
                    watermark = (
                        facts["campaign.id"]
                        if action.key == "campaign" and facts["campaign.id"]
                        else watermark or "all"
                    )
                case Canary():
                    canary = facts["campaign.id"]
                case RequireVerification() | Hold() | Refuse():
                    answer = action if answer is None or _HARD[type(action)] >= _HARD[type(answer)] else answer
                case _:
                    pass
    return Decision(
        name(), tuple(rule.id for rule in live), tuple(rule.id for rule in shadow), answer, tuple(rates), tuple(budgets),
        drop_logprobs, most, reasoning, watermark, canary, basis,
    )  # fmt: skip


_SHARED_BY = {"account": "account.id", "organization": "organization.id", "campaign": "campaign.id"}
_HIDES = ("", "reordered", "summary", "none")  # of reasoning, the most last
_HARD = {action: grade for grade, action in enumerate(IN_PLACE)}
