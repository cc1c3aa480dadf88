"""Small campaigns and libraries for these tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from stillwatch.sharing.attribution.actors import Actor, Corroboration, Indicator, Library, Network
from stillwatch.sharing.attribution.seen import Seen, Shown

DAY = date(2026, 6, 1)


def listed(kind: str, value: str, source: str = "casework", grade: str = "B2", **more: Any) -> Indicator:
    return Indicator(kind, value, source, grade, **more)


def actor(name: str, *indicators: Indicator, **more: Any) -> Actor:
    return Actor(name, name.title(), "casework", "B2", DAY, indicators=indicators, **more)


def network(*values: str, tenants: tuple[str, ...]) -> Network:
    return Network("harbour", tenants, "net-watch", "B2", DAY, tuple(listed("ipv4-addr", one) for one in values))


def said(name: str, source: str, origin: str = "", grade: str = "B2") -> Corroboration:
    return Corroboration("C-1", name, source, grade, origin or source)


def seen(*shown: Shown, **more: Any) -> Seen:
    return replace(Seen("C-1", DAY, 0.97, 40, 20_000, 0.9, shown), **more)


def library(
    *actors: Actor, networks: tuple[Network, ...] = (), corroborations: tuple[Corroboration, ...] = ()
) -> Library:
    return Library(actors, networks, corroborations)
