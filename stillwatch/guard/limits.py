"""How many customers each rule has hit, and where it ends: a limit for a day, and a budget of honest ones for good.

An account that was not counted to a campaign at the last look is taken to be honest. A rule that would hit one more of them
than it may does not, and stops: it goes on as a shadow until somebody has changed it. So does a rule
whose campaign turned out to be none, as soon as that is known. What it hit is kept in a file, so that it stays stopped when
the guard is started again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.guard.checked import STRICT, checked
from stillwatch.guard.policy import LONGEST, Rule

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
    __pydantic_config__ = STRICT

    def on(self, day: int) -> None:
        """A new day has a limit of its own."""
        if self.day != day:
            self.day, self.today, self.full = day, set(), 0


class Limits:
    """By fingerprint of a rule: a changed rule begins anew. One thread at a time."""

    def __init__(self, hits: Mapping[str, Hit] | None = None) -> None:
        self.hits = dict(hits or {})

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
        hit.on(day_of(now))
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


def day_of(now: float) -> int:
    """Days since 1970, UTC."""
    return int(now // _DAY)


def read(path: Path) -> Limits:
    """What was written, or nothing yet. A file that is none stops the start: rules that had stopped would act again."""
    try:
        return Limits(checked(orjson.loads(path.read_bytes()), dict[str, Hit], str(path)))
    except FileNotFoundError:
        return Limits()
    except orjson.JSONDecodeError as problem:
        raise BadConfiguration(
            f"not readable: {problem}",
            str(path),
            "what the guard wrote there",
            "remove it; rules that had stopped are then live",
        ) from None


def write(path: Path, limits: Limits, rules: Iterable[Rule], now: float) -> None:
    """Put in place whole. Rules that have left the policy are forgotten when they could not stand any longer either."""
    standing = {rule.fingerprint() for rule in rules}
    since = day_of(now) - LONGEST.days
    kept = {mark: hit for mark, hit in limits.hits.items() if mark in standing or hit.day >= since}
    draft = path.with_name(f"{path.name}.{os.getpid()}.partial")  # several processes may have been given one file
    with draft.open("wb") as file:
        file.write(orjson.dumps(kept, default=_listed, option=orjson.OPT_SORT_KEYS))
        file.flush()
        os.fsync(file.fileno())  # else a machine that loses power may keep the new name and no contents
    draft.replace(path)


def _listed(accounts: set[str]) -> list[str]:
    """In order; halves of characters, which no JSON holds, as question marks."""
    return sorted(one.encode("utf-8", "replace").decode() for one in accounts)
