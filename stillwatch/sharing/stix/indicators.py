"""Indicators: a pattern, what it is sure of, until when, and who was seen to show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from stillwatch.config import Sharing
from stillwatch.evidence import Campaign
from stillwatch.sharing.stix.exported import Object
from stillwatch.sharing.stix.made import MOST_OBSERVED, Made, instant, ours
from stillwatch.sharing.stix.shown import Value

OBJECTS = 4  # of each: the indicator, its sighting, and what it indicates, twice


@dataclass(frozen=True)
class Leaving:
    """A value on its way out."""

    value: Value
    kind: str  # of the pattern; a template goes as its id and as its words
    pattern: str
    says: str  # what it is, for people
    extra: Mapping[str, Any] = field(default_factory=dict)  # further properties of ours


def indicator(
    made: Made, one: Campaign, leaving: Leaving, settings: Sharing, about: tuple[Object, Object], seen: Object
) -> list[Object]:
    """`about`: the campaign and the operator behind it. Readers that look for a name find the operator's: it comes last."""
    value = leaving.value
    until = value.last + timedelta(days=settings.lifetime_days)
    sure = one.confidence * value.purity
    counted = (
        f"{value.accounts:,} accounts of the campaign show it, {value.outside:,} others of {value.population:,} do "
        f"(purity {value.purity:.3f})"
    )
    made_of = (one.campaign_id, leaving.kind, value.value)
    told = made.object(
        "indicator", made_of, sure=sure,
        name=f"{leaving.says[0].upper()}{leaving.says[1:]} of a distillation campaign",
        description=f"{counted}. Evidence to look by, never enough to act on an account alone.",
        indicator_types=[value.kind.types],
        pattern=leaving.pattern,
        pattern_type="stix",
        pattern_version="2.1",
        valid_from=instant(value.first),
        valid_until=instant(until),
        labels=["observed"],
        extensions=ours(
            kind=leaving.kind, accounts=value.accounts, customers=value.customers, outside=value.outside,
            population=value.population, purity=round(value.purity, 4), **leaving.extra,
        ),
    )  # fmt: skip
    sighting = made.object(
        "sighting", made_of,
        sighting_of_ref=told["id"],
        where_sighted_refs=[made.producer_id],
        observed_data_refs=[seen["id"]],
        first_seen=instant(value.first),
        last_seen=instant(value.last),
        count=min(value.accounts, MOST_OBSERVED),
        description="Counted in accounts.",
    )  # fmt: skip
    return [told, sighting, *(made.relation(told, "indicates", target) for target in about)]
