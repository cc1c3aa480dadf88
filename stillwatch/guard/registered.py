"""What accounts registered with, for decisions: sorted columns, looked up by a 64-bit hash of the account's name.

Ten million accounts take 210 MB; that any two of them share a hash has a chance of three in a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_DAY = 86_400.0  # seconds


@dataclass(frozen=True)
class Registered:
    """Of each account its organisation, pathway, verification and beginning; and which organisations declared themselves."""

    hashes: np.ndarray  # uint64, sorted
    codes: np.ndarray  # int32, one row each: places in `words` of organisation, pathway, verification
    created: np.ndarray  # seconds since 1970; NaN where unknown
    words: Sequence[str]
    declared: frozenset[str]

    @classmethod
    def nothing(cls) -> Registered:
        """Of nobody."""
        return cls(np.empty(0, np.uint64), np.empty((0, 3), np.int32), np.empty(0), (), frozenset())

    @classmethod
    def of(cls, accounts: pa.Table | None, declared: pa.Table | None, now: datetime) -> Registered:
        """From LOG_ACCOUNTS and LOG_DECLARED, as far as there are any; declarations that have expired are none."""
        organizations = _organizations(declared, now)
        if accounts is None:
            return replace(cls.nothing(), declared=organizations)
        names = accounts["account_id"].to_pylist()
        hashes = np.fromiter(map(_hash, names), np.uint64, len(names))
        order = np.argsort(hashes, kind="stable")
        texts = [pc.fill_null(accounts[name], "") for name in ("organization_id", "pathway", "verification")]
        words = pa.chunked_array([chunk for text in texts for chunk in text.chunks], pa.string()).unique()
        codes = np.stack([pc.index_in(text, words).to_numpy() for text in texts], axis=1).astype(np.int32)
        micros = accounts["created_at"].cast(pa.int64())
        created = micros.to_numpy(zero_copy_only=False).astype(np.float64) / 1e6  # nulls become NaN
        return cls(hashes[order], codes[order], created[order], words.to_pylist(), organizations)

    def facts(self, account: str, organization: str, now: float) -> dict[str, Any]:
        """Facts of an account, and of the organisation that the request names or else its own."""
        place = self._place(account)
        if place < 0:
            known: dict[str, Any] = {}
        else:
            own, pathway, verification = (self.words[code] for code in self.codes[place])
            organization = organization or own
            known = {
                "account.pathway": pathway, "account.verification": verification,
                "account.age_days": (now - self.created[place]) / _DAY,
            }  # fmt: skip
        if organization:
            known["organization.id"] = organization
            known["organization.declared"] = organization in self.declared
        return known

    def _place(self, account: str) -> int:
        if not len(self.hashes):
            return -1
        wanted = np.uint64(_hash(account))
        place = int(self.hashes.searchsorted(wanted))
        return place if place < len(self.hashes) and self.hashes[place] == wanted else -1


def _organizations(declared: pa.Table | None, now: datetime) -> frozenset[str]:
    if declared is None:
        return frozenset()
    going = pc.fill_null(pc.greater(declared["expires_at"], pa.scalar(now)), True)
    return frozenset(declared.filter(pc.and_(going, pc.equal(declared["kind"], "organization")))["id"].to_pylist())


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")
