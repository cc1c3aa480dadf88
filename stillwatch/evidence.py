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
    p_value: float  # chance of such a share among as many others as busy, who move half as much again as others do
    population_shift_share: float  # the same share for everybody else
    half_hours: float | None = None  # until the share since the release was half of `shift_share`; None for no move
    volume_ratio: float | None = None  # exchanges in `hours`, over those of as many hours in the week before
    population_volume_ratio: float | None = None  # the same for everybody else
    volume_p_value: float | None = None  # share of other days that outgrew everybody as far; None for too few days


@dataclass(frozen=True)
class Successor:
    banned_account: str  # the one that it replaces most likely
    account: str
    evidence: str
    likelihood: float = 0.0  # that it replaces a banned account of the campaign at all, 0..1
    of_this: float = 0.0  # that it replaces this one, 0..1


@dataclass(frozen=True)
class Turnover:
    """How a campaign replaces what it loses."""

    bans: int  # accounts of it that were banned after they had begun
    replaced: float  # accounts that took the place of a banned one, expected number
    share: float  # of bans that are answered, 0..1
    delay_hours: float  # from ban to answer, median
    p_value: float | None  # chance of as many answers had the bans been on other days; none in a history too short
    silent: int  # accounts known to stand by
    pool: float | None = None  # with those that nothing ties to it yet; none when no account that stood by ever began
    pool_low: float | None = None  # its 95% interval
    pool_high: float | None = None


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
    # [{at, from, to, share_before, share_after, p_value, from_share_before, from_share_after, release}]: the day on which the
    # harvest turned from one capability to another, the shares of the one it turned to, and the model released within a day
    pivots: list[dict[str, Any]] = field(default_factory=list)
    # [{from, until, techniques, accounts, exchanges, refused_share, p_value}]: many techniques tried in a short time
    sweeps: list[dict[str, Any]] = field(default_factory=list)
    detection: Detection | None = None  # when and how it was found, where time was gone through; a scan has one instant
    turnover: Turnover | None = None  # how it replaces what it loses; none where nothing was banned


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
            "turnover": Turnover(**_known(Turnover, turned)) if (turned := document.get("turnover")) else None,
        }
    )
