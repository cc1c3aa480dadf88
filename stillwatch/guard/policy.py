"""A policy: rules as data, each with an owner, a reason, an end and a limit to whom it may hit.

The file is YAML (docs/guard.md). A rule is `shadow` unless it says otherwise: it is evaluated and noted, and does nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import yaml
from pydantic import BeforeValidator, Field

from stillwatch.errors import BadConfiguration
from stillwatch.guard.actions import Action, Allow, Log
from stillwatch.guard.checked import STRICT, Instant, Span, checked
from stillwatch.guard.conditions import condition
from stillwatch.guard.hints import alone

Mode = Literal["off", "shadow", "live"]
LONGEST = timedelta(days=90)  # that a rule may stand before somebody has to say again that it should


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Said = Annotated[str, Field(min_length=1)]
Whole = Annotated[int, Field(ge=0)]
Several = Annotated[frozenset[str], BeforeValidator(_listed)]


@dataclass(frozen=True)
class Scope:
    """Whom and what a rule is for; nothing said is everybody and everything."""

    models: Several = frozenset()
    endpoints: Several = frozenset()
    pathways: Several = frozenset()
    campaigns: Several = frozenset()
    accounts: Several = frozenset()
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Limit:
    """How many may be hit. Past any of these the rule goes on as a shadow and says so."""

    accounts: Whole = 100  # accounts in a day: as many as a person looks through in one
    honest: Whole = (
        0  # of all it ever hits, not counted to a campaign: with one more the rule stops until it is changed
    )
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Rule:
    """One rule, as it stands in the file."""

    id: Name
    reason: Said  # for colleagues; never told to the customer
    owner: Said  # who answers for it
    when: Said  # CEL over guard/facts.py
    do: Annotated[tuple[Action, ...], Field(min_length=1), BeforeValidator(_listed)]
    starts: Instant
    expires: Instant
    mode: Mode = "shadow"
    scope: Scope = field(default_factory=Scope)
    wave: Span = timedelta(0)  # accounts of a campaign are acted on together, at a moment of each span of this length
    limit: Limit = field(default_factory=Limit)
    hindsight_will_do: str = ""  # why a backtest that knew from the start what was found at the end is enough for it
    __pydantic_config__ = STRICT

    @property
    def acts(self) -> bool:
        """Whether a customer can notice it."""
        return any(not isinstance(one, Allow | Log) for one in self.do)

    def fingerprint(self) -> str:
        """Of everything that decides whom it hits and how; a backtest is of one such rule."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:  # kept, because limits ask for it with every request
        said = asdict(self)
        for beside in ("reason", "owner", "mode", "starts", "expires", "hindsight_will_do"):
            del said[beside]
        plain = orjson.dumps(said, default=_plain, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(plain).hexdigest()[:16]


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else str(value)


@dataclass(frozen=True)
class Policy:
    """The rules, in the order of the file."""

    appeal: Said  # address that whoever is refused can turn to
    rules: tuple[Rule, ...]
    verification: str = ""  # address where something more can be proved
    __pydantic_config__ = STRICT


def read(path: Path) -> Policy:
    """The policy of a file; anything that is not as docs/guard.md says is an error that names the place."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        told = " ".join(str(problem).split())
        raise BadConfiguration(f"policy not readable: {told}", str(path), "a YAML file", "docs/guard.md") from None
    policy = checked(found, Policy, str(path))
    for place, rule in enumerate(policy.rules):
        _sound(rule, f"{path}: rules.{place} ({rule.id})")
    twice = [name for name, times in Counter(one.id for one in policy.rules).items() if times > 1]
    if twice:
        raise BadConfiguration("two rules of one name", f"{path}: {twice[0]}", "a name of its own for each rule")
    return policy


def _sound(rule: Rule, where: str) -> None:
    """A rule that a person can answer for."""
    condition(rule.when, f"{where}.when")
    if not timedelta(0) < rule.expires - rule.starts <= LONGEST:
        raise BadConfiguration(
            f"a rule that stands from {rule.starts} to {rule.expires}", f"{where}.expires",
            f"an end after the start, {LONGEST.days} days at most", "say again then that it should stand",
        )  # fmt: skip
    if rule.acts and (hints := alone(rule.when)):
        raise BadConfiguration(
            f"a rule that acts on {' and '.join(sorted(hints))} alone", f"{where}.when",
            "a condition that does not hold without something else: account.… or campaign.…",
            "a hint leads to questions, not to answers: anybody may write a text, or come from an address",
        )  # fmt: skip
