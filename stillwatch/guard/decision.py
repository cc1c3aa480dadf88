"""What the guard says about one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from stillwatch.guard.actions import Hold, Refuse, RequireVerification, SlowDown, TokenBudget


class Basis(NamedTuple):
    """What a decision was made by, for whoever has to answer for it later."""

    facts: Mapping[str, Any]  # those that the policy asks for, as they were then
    rules: Mapping[str, str]  # fingerprint of each rule that applied
    found_until: str  # end of the log that was looked at


NO_BASIS = Basis({}, {}, "")


class Decision(NamedTuple):
    """Rules that apply, and what follows. Without any the request passes as it came.

    A tuple, because a frozen dataclass of so many fields takes a tenth of a decision to make.
    """

    id: str = ""  # what a customer may quote; empty when nothing was done
    live: tuple[str, ...] = ()  # rules in force
    shadow: tuple[str, ...] = ()  # rules that would have applied
    answer: RequireVerification | Hold | Refuse | None = None  # in place of the model's
    rates: tuple[tuple[str, SlowDown], ...] = ()  # with the name of what is counted
    budgets: tuple[tuple[str, TokenBudget], ...] = ()  # likewise
    drop_logprobs: bool = False
    most_answers: int = 0  # 0: as many as asked for
    reasoning: str = ""  # none, summary, reordered, or empty: as it is
    watermark: str = ""  # campaign's name, `all`, or empty: none asked for
    canary: str = ""  # campaign's name, or empty: none asked for
    basis: Basis = NO_BASIS


PASS = Decision()
