"""Budgets and rates, kept as the log goes by: which exchanges would have been refused for want of either.

A budget is full again whenever a span of its length is over, counted from 1970. A request passes if what it used fits into
what is left of all its budgets and it keeps to all its rates; one that does not pass takes nothing from any. Rates are held by
the generic cell rate algorithm: a request passes when it comes no earlier than its theoretical time less the burst (ITU-T
I.371, annex A).

What a request will have used is known in a log and not in life, where a part is set aside before and settled after.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from stillwatch.guard.actions import Of, SlowDown, TokenBudget
from stillwatch.guard.policy import Rule

_MICROS = 1e6  # in a second
PASSED = -1  # of a request that no budget and no rate refused


class Meters:
    """Of a policy, all budgets and rates; one slot each for every account and every shared owner."""

    def __init__(self, rules: Sequence[Rule], owners: int) -> None:
        self.of = [
            (place, action)
            for place, rule in enumerate(rules)
            for action in rule.do
            if isinstance(action, TokenBudget | SlowDown)
        ]
        self._tokens = np.array([_tokens(action) for _, action in self.of], np.float64)  # NaN: a rate
        self._length = np.array([_length(action) for _, action in self.of], np.int64)
        self._burst = np.array([_burst(action) for _, action in self.of], np.int64)
        self._used = np.zeros((len(self.of), owners), np.int64)  # tokens of the span; of a rate, its theoretical time
        self._span = np.zeros((len(self.of), owners), np.int32)

    def shared_by(self, meter: int) -> Of:
        """Who shares this one."""
        action = self.of[meter][1]
        return action.of if isinstance(action, TokenBudget) else "account"

    def refused(self, at: np.ndarray, used: np.ndarray, owners: np.ndarray) -> np.ndarray:
        """Of each request, in order of time, the first meter that refuses it, or PASSED.

        `owners` has a row for each meter: whose slot a request counts in, -1 where the meter is not asked.
        """
        by = np.full(len(at), PASSED, np.int32)
        asked = np.flatnonzero((owners >= 0).any(axis=0))
        if len(asked):
            by[asked] = _go(
                at[asked], used[asked], np.ascontiguousarray(owners[:, asked]), self._tokens, self._length, self._burst,
                self._used, self._span,
            )  # fmt: skip
        return by


def _tokens(action: TokenBudget | SlowDown) -> float:
    return float(action.tokens) if isinstance(action, TokenBudget) else float("nan")


def _length(action: TokenBudget | SlowDown) -> int:
    """Of a budget's span, or between two requests of a rate, in microseconds."""
    seconds = action.every.total_seconds() if isinstance(action, TokenBudget) else 60 / action.per_minute
    return max(round(seconds * _MICROS), 1)


def _burst(action: TokenBudget | SlowDown) -> int:
    """How much earlier than its theoretical time a request may come, in microseconds."""
    return 0 if isinstance(action, TokenBudget) else (action.burst - 1) * _length(action)


@njit(cache=True, nogil=True)
def _go(
    at: np.ndarray, tokens: np.ndarray, owners: np.ndarray, budget: np.ndarray, length: np.ndarray, burst: np.ndarray,
    used: np.ndarray, span: np.ndarray,
) -> np.ndarray:  # fmt: skip
    by = np.full(len(at), -1, np.int32)
    for row in range(len(at)):
        now = at[row]
        for meter in range(len(budget)):
            owner = owners[meter, row]
            if owner < 0:
                continue
            if np.isnan(budget[meter]):
                full = now < used[meter, owner] - burst[meter]
            else:
                if span[meter, owner] != now // length[meter]:
                    span[meter, owner] = now // length[meter]
                    used[meter, owner] = 0
                full = used[meter, owner] + tokens[row] > budget[meter]
            if full:
                by[row] = meter
                break
        if by[row] >= 0:
            continue
        for meter in range(len(budget)):
            owner = owners[meter, row]
            if owner < 0:
                continue
            if np.isnan(budget[meter]):
                used[meter, owner] = max(used[meter, owner], now) + length[meter]
            else:
                used[meter, owner] += tokens[row]
    return by
