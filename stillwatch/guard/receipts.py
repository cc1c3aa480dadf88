"""Backtests that rules have passed: without one that is in order a live rule is a shadow.

A receipt is of a rule as it stands, by its fingerprint, and grows old: traffic changes, and what hit nobody honest in spring
may in autumn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import orjson

from stillwatch.guard.checked import STRICT, Instant, checked
from stillwatch.guard.policy import Policy, Rule

LASTS = timedelta(days=30)  # that a backtest speaks for a rule
SUFFIX = ".backtests.json"  # beside the policy, after its name


@dataclass(frozen=True)
class Receipt:
    """What a rule would have done on a log."""

    rule: str
    fingerprint: str
    at: Instant  # when it was made
    window_from: Instant
    window_to: Instant
    accounts_a_day: int  # most accounts hit on one day
    accounts: int  # hit in all
    honest: int  # of those, not counted to a campaign
    hindsight: bool = False  # it acted from the start on what was found at the end
    __pydantic_config__ = STRICT


def beside(policy: Path) -> Path:
    """Where the receipts of a policy stand."""
    return policy.with_name(policy.name + SUFFIX)


def read(path: Path) -> dict[str, Receipt]:
    """By fingerprint; none where there is no file."""
    if not path.is_file():
        return {}
    found = checked(orjson.loads(path.read_bytes()), list[Receipt], str(path))
    return {one.fingerprint: one for one in found}


def write(path: Path, receipts: Mapping[str, Receipt]) -> None:
    """Put in place whole."""
    draft = path.with_name(path.name + ".partial")
    rows = [asdict(one) for _, one in sorted(receipts.items())]
    draft.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")
    draft.replace(path)


def standing(receipts: Mapping[str, Receipt], now: Instant) -> dict[str, Receipt]:
    """Those that still speak for a rule."""
    return {mark: one for mark, one in receipts.items() if now - one.at <= LASTS}


def objections(policy: Policy, receipts: Mapping[str, Receipt], now: Instant) -> dict[str, str]:
    """Why live rules may not act, by their ids; rules that may are not in it."""
    live = [rule for rule in policy.rules if rule.mode == "live" and rule.acts]
    return {rule.id: told for rule in live if (told := _objection(rule, receipts.get(rule.fingerprint()), now))}


def _objection(rule: Rule, receipt: Receipt | None, now: Instant) -> str:
    if receipt is None:
        return "no backtest of it as it stands"
    if now - receipt.at > LASTS:
        return f"its backtest is of {receipt.at:%Y-%m-%d}, longer ago than {LASTS.days} days"
    if receipt.hindsight and not rule.hindsight_will_do:
        return "its backtest knew from the start what was found at the end; make one with the result of a replay"
    if receipt.honest > rule.limit.honest:
        return f"its backtest hit {receipt.honest:,} customers who are in no campaign, and {rule.limit.honest:,} are allowed"
    if receipt.accounts_a_day > rule.limit.accounts:
        return (
            f"its backtest hit {receipt.accounts_a_day:,} accounts on one day, and {rule.limit.accounts:,} are allowed"
        )
    return ""
