"""Budgets and rates, kept as the log goes by: which exchanges would have been refused for want of either.

As in life: a budget is full again at whole multiples of its span since 1970, and a request passes while its input and a short
answer fit into what is left of all its budgets; an answer that is longer than what is left ends there. Rates are held by the
generic cell rate algorithm (ITU-T I.371, annex A): a request that comes a little early waits for its turn, and one too early
is told to come again. Rates are asked first. What a request will use is known in a log; in life more is reserved until it
has ended, so that a few more are refused when many run at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from stillwatch.guard.actions import Of, SlowDown, TokenBudget
from stillwatch.guard.budgets import LEAST_ANSWER
from stillwatch.guard.policy import Rule
from stillwatch.guard.rates import PATIENCE

_MICROS = 1_000_000  # in a second
_PATIENCE = int(PATIENCE * _MICROS)  # microseconds
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

    def refused(self, rows: np.ndarray, owners: np.ndarray) -> np.ndarray:
        """Of each request, in order of time, the first meter that refuses it, or PASSED.

        `owners` has a row for each meter: whose slot a request counts in, -1 where the meter is not asked.
        """
        by = np.full(len(rows), PASSED, np.int32)
        asked = np.flatnonzero((owners >= 0).any(axis=0))
        if len(asked):
            own = np.ascontiguousarray(owners[:, asked])
            at, tokens_in, tokens_out = (rows[name][asked] for name in ("at", "input", "output"))
            state = self._used, self._span
            by[asked] = _go(at, tokens_in, tokens_out, own, self._tokens, self._length, self._burst, *state)
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
    at: np.ndarray, input: np.ndarray, output: np.ndarray, owners: np.ndarray, budget: np.ndarray, length: np.ndarray,
    burst: np.ndarray, used: np.ndarray, span: np.ndarray,
) -> np.ndarray:  # fmt: skip
    by = np.full(len(at), PASSED, np.int32)
    for row in range(len(at)):
        for meter in range(len(budget)):
            owner = owners[meter, row]
            if by[row] != PASSED or owner < 0 or not np.isnan(budget[meter]):
                continue
            due = max(used[meter, owner], at[row])
            if due - burst[meter] - at[row] > _PATIENCE:
                by[row] = meter
            else:
                used[meter, owner] = due + length[meter]
        for meter in range(len(budget)):
            owner = owners[meter, row]
            if by[row] != PASSED or owner < 0 or np.isnan(budget[meter]):
                continue
            if span[meter, owner] != at[row] // length[meter]:
                span[meter, owner] = at[row] // length[meter]
                used[meter, owner] = 0
            if used[meter, owner] + input[row] + min(output[row], LEAST_ANSWER) > budget[meter]:
                by[row] = meter
        for meter in range(len(budget)):
            owner = owners[meter, row]
            if by[row] == PASSED and owner >= 0 and not np.isnan(budget[meter]):
                used[meter, owner] = min(used[meter, owner] + input[row] + output[row], np.int64(budget[meter]))
    return by
