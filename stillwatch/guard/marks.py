"""Keys of campaigns that a request goes on with; each was committed to, on the disk, before any request carries what it makes.

Watermarks and canaries differ in who has a key and in where one is taken (`Use`). A thread of its own commits, for this epoch
and the next, to the keys that rules may ask for. A request waits for none of it: where a key is not ready it goes on without,
and is counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from stillwatch import config
from stillwatch.guard import actions
from stillwatch.guard.decide import Ready
from stillwatch.guard.guard import Guard
from stillwatch.guard.known import Known
from stillwatch.guard.noted import TAKES_NOTE
from stillwatch.guard.policy import Rule
from stillwatch.safeguards.canaries.choice import SCOPE
from stillwatch.safeguards.canaries.slots import Slots
from stillwatch.safeguards.watermark import registry
from stillwatch.safeguards.watermark.keys import ALL, Epoch, MarkKey, Secret, epoch

ENGINES = ("sglang",)  # that take a key with a request; vLLM has one of its own for all
TAKES_KEY = frozenset(("chat", "completions"))  # endpoints of SGLang 0.5.23; at others it passes the field over
_CAMPAIGN = "campaign"  # what an action asks for: a key of the account's campaign, or `all`

Why = Mapping[str, Any]


@dataclass(frozen=True)
class Use:
    """What keys are for."""

    name: str  # of the action, as counts and messages have it
    asked: Callable[[actions.Graded], str]  # `campaign`, `all` or nothing: whose key an action asks for
    endpoints: frozenset[str]  # that take what a key makes
    epoch_days: int
    campaign_confidence: float  # from which a campaign has a key
    shared: bool = False  # whether accounts of no such campaign share one
    scope: str = ""  # of a campaign's key, before its id
    why: Why = field(default_factory=dict)  # committed to with each


def watermarks(settings: config.Watermark) -> Use:
    """A key for an engine that marks by it."""

    def asked(action: actions.Graded) -> str:
        return action.key if isinstance(action, actions.Watermark) else ""

    return Use("watermark", asked, TAKES_KEY, settings.epoch_days, settings.campaign_confidence, shared=True)


def canaries(settings: config.Canary, slots: Slots) -> Use:
    """A key that made-up details are chosen by. Nobody shares one: what is told to everybody shows whose it was of nobody."""

    def asked(action: actions.Graded) -> str:
        return _CAMPAIGN if isinstance(action, actions.Canary) else ""

    why = {"slots_version": slots.version, "slots_sha256": slots.sha256}
    return Use("canary", asked, TAKES_NOTE, settings.epoch_days, settings.campaign_confidence, scope=SCOPE, why=why)


class Marks:
    """Keys of one use that are ready. `of` is asked on the guard's thread, `prepare` on another."""

    def __init__(self, guard: Guard, secret: Secret, path: Path, use: Use, says: Callable[[str], None]) -> None:
        self.problem = ""  # why the last attempt to commit failed; empty when it did not
        self._guard, self._secret, self._path, self._use, self._says = guard, secret, path, use, says
        self._length = timedelta(days=use.epoch_days) // timedelta(seconds=1)
        self._ready: tuple[Mapping[str, list[MarkKey]], frozenset[str]] = ({}, frozenset())
        self._for: tuple[Ready, Known, Epoch] | None = None  # what they are ready for
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{use.name} keys", daemon=True)

    def __enter__(self) -> Marks:
        """Errors are errors now, and told later."""
        self._prepare(time.time())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def of(self, asked_for: str, endpoint: str, at: float) -> MarkKey | None:
        """The key for what a decision asks for: `all`, a campaign's id, or nothing."""
        if not asked_for:
            return None
        if endpoint not in self._use.endpoints:
            self._without("not taken at this endpoint")
            return None
        keys, doubtful = self._ready
        shared = asked_for == ALL or asked_for in doubtful
        if shared and not self._use.shared:
            self._without("the campaign is not sure")
            return None
        for one in keys.get(ALL if shared else self._use.scope + asked_for, ()):
            if one.epoch.begins <= at < one.epoch.ends:
                self._guard.counts[f"{self._use.name}: {ALL if shared else _CAMPAIGN}"] += 1
                return one
        self._without("no key ready")
        return None

    def prepare(self, now: float) -> None:
        """Make ready what may be asked for. What fails is told once, and tried again."""
        try:
            self._prepare(now)
        except Exception as problem:  # the thread has to be there when the epoch ends
            if str(problem) != self.problem:
                self._says(f"requests go on without new {self._use.name} keys: {problem}")
            self.problem = str(problem)

    def _without(self, why: str) -> None:
        self._guard.counts[f"{self._use.name}: {why}"] += 1

    def _run(self) -> None:
        while not self._end.wait(1.0):  # seconds: a campaign that is found goes unmarked no longer
            self.prepare(time.time())

    def _prepare(self, now: float) -> None:
        ready, known, this = self._guard.ready, self._guard.known, epoch(now, self._length)
        done = self._for
        if done is not None and done[0] is ready and done[1] is known and done[2] == this:
            return
        rules = [one for one, live in zip(ready.rules, ready.live, strict=True) if live and _stands(one, now, this)]
        sure = _campaigns(known.standing.values())
        doubtful = {name for name, confidence in sure.items() if confidence < self._use.campaign_confidence}
        wanted = [
            (self._secret.key(scope, when), why)
            for scope, why in self._wanted(rules, sure, doubtful)
            for when in (this, this.next())
        ]
        if wanted:
            registry.commit(self._path, wanted, now)
        keys: dict[str, list[MarkKey]] = {}
        for key, _ in wanted:
            keys.setdefault(key.scope, []).append(key)
        self._ready = (keys, frozenset(doubtful))
        self._for, self.problem = (ready, known, this), ""

    def _wanted(self, rules: list[Rule], sure: Mapping[str, float], doubtful: set[str]) -> Iterator[tuple[str, Why]]:
        """Scopes, each with why: rules that ask for a key, and for a campaign what it went by."""
        use = self._use
        if use.shared and (asking := [one for one in rules if self._asked(one)]):
            yield ALL, {**_why(asking), **use.why}
        for campaign in sorted(sure.keys() - doubtful):
            own = [
                one for one in rules
                if _CAMPAIGN in self._asked(one) and (not one.scope.campaigns or campaign in one.scope.campaigns)
            ]  # fmt: skip
            if own:
                went_by = {"confidence": sure[campaign], "from_confidence": use.campaign_confidence}
                yield use.scope + campaign, {**_why(own), **use.why, **went_by}

    def _asked(self, rule: Rule) -> set[str]:
        return {asked for one in rule.do if (asked := self._use.asked(one))}


def _stands(rule: Rule, now: float, this: Epoch) -> bool:
    """Now, or before the next epoch ends."""
    return rule.starts.timestamp() < this.next().ends and now < rule.expires.timestamp()


def _why(rules: list[Rule]) -> dict[str, Any]:
    return {"rules": [{"id": one.id, "reason": one.reason, "when": one.when} for one in rules]}


def _campaigns(standing: Any) -> dict[str, float]:
    """Campaigns that accounts are counted to, with how sure each is."""
    return {one["campaign.id"]: one["campaign.confidence"] for one in standing if one.get("campaign.id")}
