"""Whether a time zone fits a country, by the hours of both on that day: names of zones change, hours tell the same.

Countries and their zones are those of the tz database (`zone.tab`, public domain), from the package tzdata or the system.
Only the difference between what a client tells and where its address is counts, never a zone or a country by itself.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path

_DAY_S = 86_400
_CACHED = 1 << 12  # countries and days, and names of zones and days, remembered: a day has some hundred of each


class Zones:
    """Time zones of each country."""

    def __init__(self, countries: Mapping[str, tuple[str, ...]]) -> None:
        self._countries = dict(countries)
        self._hours = lru_cache(maxsize=_CACHED)(self._hours_of)

    @classmethod
    def load(cls) -> Zones:
        """The tz database's own table; no table at all when neither package nor system has it."""
        made: dict[str, tuple[str, ...]] = {}
        for line in _table().splitlines():
            if line and not line.startswith("#"):
                country, _, zone = line.split("\t")[:3]
                made[country] = (*made.get(country, ()), zone)
        return cls(made)

    def __len__(self) -> int:
        return len(self._countries)

    def countries(self) -> Mapping[str, tuple[str, ...]]:
        return self._countries

    def apart(self, zone: str, country: str, at: float) -> float | None:
        """Hours between a zone's clock and the nearest clock of a country; None when one of the two is not known."""
        day = int(at // _DAY_S)
        own, others = _offset(zone, day), self._hours(country, day)
        if own is None or not others:
            return None
        return min(abs(own - other) for other in others)

    def _hours_of(self, country: str, day: int) -> frozenset[float]:
        offsets = (_offset(zone, day) for zone in self._countries.get(country, ()))
        return frozenset(offset for offset in offsets if offset is not None)


@lru_cache(maxsize=_CACHED)
def _offset(zone: str, day: int) -> float | None:
    """Hours that a zone is ahead of UTC at noon of a day; None when the tz database has no such zone."""
    try:
        told = zoneinfo.ZoneInfo(zone)
    except (
        zoneinfo.ZoneInfoNotFoundError,
        ValueError,
        OSError,
    ):  # ValueError: a path that leads out; OSError: a folder
        return None
    ahead = datetime.fromtimestamp((day + 0.5) * _DAY_S, UTC).astimezone(told).utcoffset()
    return None if ahead is None else ahead.total_seconds() / 3600


def _table() -> str:
    try:
        return (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, OSError):
        paths = (Path(folder) / "zone.tab" for folder in zoneinfo.TZPATH)
        return next((path.read_text(encoding="utf-8") for path in paths if path.is_file()), "")
