"""What was seen of one campaign, as far as it can speak of who is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shown:
    """A value of the library that accounts of the campaign show."""

    type: str
    value: str  # as the library has it
    inside: int  # accounts of the campaign that harvest and show it
    outside: int  # accounts of no campaign that show it


@dataclass(frozen=True)
class Activity:
    """What was harvested, and what everybody else sent, by day and capability."""

    first: date
    harvested: F64  # (days, capabilities), exchanges
    others: F64  # the same of accounts of no campaign
    provider: tuple[date, ...] = ()  # days on which the provider released a model: they move everybody


@dataclass(frozen=True)
class Seen:
    """One campaign; a part that is not known is None or empty, and says nothing."""

    campaign: str
    day: date  # of the last exchange
    confidence: float  # of detection, 0..1
    accounts: int  # that harvest
    others: int  # accounts of no campaign
    harvest: float  # share of its exchanges that was harvested, 0..1
    shown: tuple[Shown, ...] = ()
    capabilities: Mapping[str, float] = field(default_factory=dict)  # shares of the harvest
    usual: Mapping[str, float] = field(default_factory=dict)  # of what others send
    marks: frozenset[int] = frozenset()  # fingerprints of its own templates
    earlier: Mapping[str, frozenset[int]] = field(default_factory=dict)  # the same of what each actor was laid before
    activity: Activity | None = None
    unknown: tuple[str, ...] = ()  # what could not be looked at, in sentences
