"""Rules and facts for tests of the guard: plain ones, with what a test is about changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from stillwatch.guard import policy as policies
from stillwatch.guard.decide import Ready, decide
from stillwatch.guard.decision import Decision
from stillwatch.guard.facts import NOTHING_KNOWN
from stillwatch.guard.policy import Policy

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HARVESTER = {
    "account.id": "a", "account.verdict": "campaign", "account.score": 0.9, "account.role": "harvester",
    "campaign.id": "C-1", "campaign.confidence": 0.95, "campaign.alarmed": True,
}  # fmt: skip
RULE = {
    "id": "stop", "reason": "it harvests", "owner": "trust@example.com", "when": 'account.verdict == "campaign"',
    "do": "refuse", "mode": "live", "starts": "2026-11-01", "expires": "2026-12-01",
}  # fmt: skip


def rule(**changes: Any) -> dict[str, Any]:
    """A rule as a file has it; None leaves a setting out."""
    return {name: value for name, value in {**RULE, **changes}.items() if value is not None}


def policy(folder: Path, *rules: dict[str, Any]) -> Policy:
    """The policy of these rules, read from a file."""
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump({"appeal": "https://example.com/appeal", "rules": list(rules)}))
    return policies.read(path)


def facts(**changes: Any) -> dict[str, Any]:
    """All facts; dots in names are written as two underscores."""
    return {**NOTHING_KNOWN, **{name.replace("__", "."): value for name, value in changes.items()}}


def decided(
    made: Policy,
    known: dict[str, Any],
    now: datetime = NOW,
    found_at: datetime = NOW - timedelta(days=9),
    **changes: Any,
) -> Decision:
    """What the policy says, all its rules allowed to act."""
    ready = Ready(made, [one.id for one in made.rules], b"secret")
    given = {"admits": lambda rule, facts, now: True, "name": lambda: "D-1", **changes}
    return decide(known, ready, now.timestamp(), found_at=found_at.timestamp(), **given)
