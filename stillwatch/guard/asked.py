"""Where accounts stand that were asked to prove something: `verifications` among the side tables, as `verify due` writes it.

A row that is over is none, so that nobody stays limited because a file was forgotten.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

_NOTHING = ("", -math.inf, math.inf)


@dataclass(frozen=True)
class Asked:
    """Of each account that is in the file."""

    standing: Mapping[str, tuple[str, float, float]]  # what, from when and until when, seconds since 1970

    @classmethod
    def of(cls, verifications: pa.Table | None) -> Asked:
        """From LOG_VERIFICATIONS, as far as there are any."""
        if verifications is None:
            return cls({})
        since, until = (
            pc.fill_null(pc.divide(verifications[name].cast(pa.int64()).cast(pa.float64()), 1e6), unknown)
            for name, unknown in (("since", -math.inf), ("expires_at", math.inf))
        )
        rows = zip(verifications["step_up"].to_pylist(), since.to_pylist(), until.to_pylist(), strict=True)
        return cls(dict(zip(verifications["account_id"].to_pylist(), rows, strict=True)))

    def standing_of(self, account: str, now: float) -> str:
        """What stands now; empty for nothing."""
        what, since, until = self.standing.get(account, _NOTHING)
        return what if since <= now < until else ""
