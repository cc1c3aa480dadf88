"""Proofs, domains and lists as tests tell them, in a line each."""

from __future__ import annotations

from typing import Any

from stillwatch.verification.pathways import Kind, Pathway, Proof, kinds_of, load

DAY = 86_400.0
NOW = 20_000 * DAY
WAYS: dict[str, Pathway] = load()
KINDS: dict[str, Kind] = kinds_of(WAYS)


def proof(kind: str, days_ago: float = 1.0, account: str = "a", **more: Any) -> Proof:
    return Proof(account, kind, NOW - days_ago * DAY, **more)


def shown(*proofs: Proof) -> dict[str, Proof]:
    return {one.kind: one for one in proofs}
