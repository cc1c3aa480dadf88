"""Which key of a watermark a request goes on with; and that each was committed to, on the disk, before any request carries it.

A thread of its own commits, for this epoch and the next, to the keys that rules may ask for. A request waits for none of it:
where a key is not ready it goes on without, and is counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from stillwatch.config import Watermark as Settings
from stillwatch.guard.actions import Watermark
from stillwatch.guard.decide import Ready
from stillwatch.guard.guard import Guard
from stillwatch.guard.known import Known
from stillwatch.guard.policy import Rule
from stillwatch.safeguards.watermark import registry
from stillwatch.safeguards.watermark.keys import ALL, Epoch, MarkKey, Secret, epoch

ENGINES = ("sglang",)  # that take a key with a request; vLLM has one of its own for all
TAKES_KEY = frozenset(("chat", "completions"))  # endpoints of SGLang 0.5.23; at others it passes the field over

Why = Mapping[str, Any]


class Marks:
    """Keys that are ready. `of` is asked on the guard's thread, `prepare` on another."""

    def __init__(
        self, guard: Guard, secret: Secret, path: Path, settings: Settings, says: Callable[[str], None]
    ) -> None:
        self.problem = ""  # why the last attempt to commit failed; empty when it did not
        self._guard, self._secret, self._path, self._settings, self._says = guard, secret, path, settings, says
        self._length = timedelta(days=settings.epoch_days) // timedelta(seconds=1)
        self._ready: tuple[Mapping[str, list[MarkKey]], frozenset[str]] = ({}, frozenset())
        self._for: tuple[Ready, Known, Epoch] | None = None  # what they are ready for
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watermark keys", daemon=True)

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
        keys, doubtful = self._ready
        scope = ALL if asked_for in doubtful else asked_for
        if endpoint not in TAKES_KEY:
            self._guard.counts["watermark: not taken at this endpoint"] += 1
            return None
        for one in keys.get(scope, ()):
            if one.epoch.begins <= at < one.epoch.ends:
                self._guard.counts["watermark: all" if scope == ALL else "watermark: campaign"] += 1
                return one
        self._guard.counts["watermark: no key ready"] += 1
        return None

    def prepare(self, now: float) -> None:
        """Make ready what may be asked for. What fails is told once, and tried again."""
        try:
            self._prepare(now)
        except Exception as problem:  # the thread has to be there when the epoch ends
            if str(problem) != self.problem:
                self._says(f"requests go on without new watermark keys: {problem}")
            self.problem = str(problem)

    def _run(self) -> None:
        while not self._end.wait(1.0):  # seconds: a campaign that is found goes unmarked no longer
            self.prepare(time.time())

    def _prepare(self, now: float) -> None:
        ready, known, this = self._guard.ready, self._guard.known, epoch(now, self._length)
        done = self._for
        if done is not None and done[0] is ready and done[1] is known and done[2] == this:
            return
        rules = [one for one, live in zip(ready.rules, ready.live, strict=True) if live and _stands(one, this)]
        sure = _campaigns(known.standing.values())
        doubtful = {name for name, confidence in sure.items() if confidence < self._settings.campaign_confidence}
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
        """Scopes, each with why: rules that ask for a mark, and for a campaign what it went by."""
        if marking := [one for one in rules if _kinds(one)]:
            yield ALL, _why(marking)
        for campaign in sorted(sure.keys() - doubtful):
            own = [
                one for one in rules
                if "campaign" in _kinds(one) and (not one.scope.campaigns or campaign in one.scope.campaigns)
            ]  # fmt: skip
            if own:
                least = self._settings.campaign_confidence
                yield campaign, {**_why(own), "confidence": sure[campaign], "from_confidence": least}


def _stands(rule: Rule, this: Epoch) -> bool:
    return rule.starts.timestamp() < this.next().ends and this.begins < rule.expires.timestamp()


def _kinds(rule: Rule) -> set[str]:
    return {one.key for one in rule.do if isinstance(one, Watermark)}


def _why(rules: list[Rule]) -> dict[str, Any]:
    return {"rules": [{"id": one.id, "reason": one.reason, "when": one.when} for one in rules]}


def _campaigns(standing: Any) -> dict[str, float]:
    """Campaigns that accounts are counted to, with how sure each is."""
    return {one["campaign.id"]: one["campaign.confidence"] for one in standing if one.get("campaign.id")}
