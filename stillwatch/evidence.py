"""The one document that every view reads: campaigns, their findings, and the reasons behind both.

Terminal, JSON, HTML, STIX and the console are views of `Report`; a saved one renders without recomputing anything.
The JSON form is the contract's `campaigns.json`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA_VERSION = 1

CAPABILITIES = (
    "reasoning",
    "coding",
    "tool_use",
    "agentic",
    "computer_use",
    "vision",
    "data_analysis",
    "judging",
    "data_generation",
    "rewriting",
    "chat",
)
ELICITATIONS = ("chain_of_thought", "rubric_grading", "trace_reconstruction")
FINDINGS = ("coordination", "extraction", "fraud", "covertness")
VERDICTS = ("clear", "watch", "campaign")
OUTCOMES = ("answered", "refused", "limited", "overloaded")  # of a request
ROLES = ("harvester", "carrier", "spare", "victim", "unknown")


@dataclass(frozen=True)
class Reason:
    """One observation, in words, with its weight and the ordinary explanation that was weighed against it."""

    code: str  # stable name of the observation, such as `shared_payment`
    text: str  # the sentence a person reads, with its numbers
    weight: float  # bits of evidence (log2 likelihood ratio); negative weights speak for innocence
    innocent_explanation: str  # what an ordinary customer would have to be, to show the same
    finding: str = ""  # which of FINDINGS it bears on, or "innocence"
    query: str = ""  # SQL over OUT/tables that recomputes `value`
    value: float | None = None  # the number that `query` gives
    p_value: float | None = None  # probability of a value this extreme in an ordinary group of the same size


@dataclass(frozen=True)
class Finding:
    """One of the four separate findings about a campaign: what was seen, kept apart from what is inferred."""

    score: float  # 0..1
    observations: list[str]
    inference: str


@dataclass(frozen=True)
class TemplateUse:
    template_id: str
    accounts: int
    exchanges: int
    skeleton: str  # shared words, with slots written as ⟨…⟩


@dataclass(frozen=True)
class ReleaseResponse:
    model: str
    released_at: str
    shift_share: float  # share of the campaign's exchanges on the new model within `hours`
    hours: float
    p_value: float
    population_shift_share: float  # the same share for everybody else


@dataclass(frozen=True)
class Successor:
    banned_account: str
    account: str
    evidence: str


@dataclass(frozen=True)
class Detection:
    """What a campaign had got by the time it was found, and what became of it since."""

    accounts_then: int  # accounts of it that were found at `detected_at`
    harvested_before: int  # of its harvested exchanges, those that were over by then
    harvested_unseen: int  # those sent before the account that sent them was found, then or later
    events: list[dict[str, str]]  # [{at, what, text}], the first is that it was found
    alarmed_at: str = (
        ""  # the first look with evidence enough for the promised rate of false alarms; empty for none yet
    )


@dataclass(frozen=True)
class Campaign:
    campaign_id: str
    name: str  # in words
    accounts: int
    exchanges: int
    output_tokens: int
    first_seen: str
    last_seen: str
    detected_at: str
    findings: dict[str, Finding]
    confidence: float  # 0..1
    capabilities: list[dict[str, Any]]  # [{name, share}], largest first
    elicitation: dict[str, float]
    templates: list[TemplateUse]
    release_response: list[ReleaseResponse]
    successors: list[Successor]
    attribution: list[dict[str, Any]]
    innocent_explanations: list[dict[str, str]]  # [{explanation, weighed}]
    evidence: list[Reason]
    recommended_response: str
    roles: dict[str, int] = field(default_factory=dict)  # role → accounts
    timeline: list[dict[str, Any]] = field(default_factory=list)  # [{day, exchanges, accounts}]
    chance_p: float | None = None  # family-wise chance of ties as heavy when who holds what is drawn at random
    harvested_exchanges: int = 0  # of `exchanges`, those attributed to the harvest
    # [{from, until, techniques, accounts, exchanges, refused_share, p_value}]: many techniques tried in a short time
    sweeps: list[dict[str, Any]] = field(default_factory=list)
    detection: Detection | None = None  # when and how it was found, where time was gone through; a scan has one instant


@dataclass(frozen=True)
class Report:
    """A whole scan, as read by a person, a program or a peer."""

    window: dict[str, str]  # {from, to}, RFC 3339 UTC
    campaigns: list[Campaign]
    totals: dict[str, Any] = field(default_factory=dict)  # exchanges, accounts, rejected, seconds
    weaknesses: list[str] = field(default_factory=list)  # what was missing from the log, and what that costs
    releases: list[dict[str, str]] = field(default_factory=list)  # [{model, released_at}]
    near_misses: list[dict[str, Any]] = field(default_factory=list)  # clusters looked at and cleared, with why
    # Sweeps that no campaign covers: as those of a campaign, with `who`, in words, and `query`, which counts by account.
    sweeps: list[dict[str, Any]] = field(default_factory=list)
    schema_version: int = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Report:
        """Read a saved report back; unknown keys of later versions are ignored."""
        return cls(
            **{
                **_known(cls, document),
                "campaigns": [_campaign(one) for one in document["campaigns"]],
            }
        )


def _known(kind: type, document: dict[str, Any]) -> dict[str, Any]:
    names = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return {key: value for key, value in document.items() if key in names}


def _campaign(document: dict[str, Any]) -> Campaign:
    return Campaign(
        **{
            **_known(Campaign, document),
            "findings": {name: Finding(**_known(Finding, one)) for name, one in document["findings"].items()},
            "templates": [TemplateUse(**_known(TemplateUse, one)) for one in document["templates"]],
            "release_response": [ReleaseResponse(**_known(ReleaseResponse, o)) for o in document["release_response"]],
            "successors": [Successor(**_known(Successor, one)) for one in document["successors"]],
            "evidence": [Reason(**_known(Reason, one)) for one in document["evidence"]],
            "detection": Detection(**_known(Detection, detected)) if (detected := document.get("detection")) else None,
        }
    )
