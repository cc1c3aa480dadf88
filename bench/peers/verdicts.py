"""What a peer answers, one place per account of the log, and how it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.peers.log import Log


@dataclass(frozen=True)
class Verdicts:
    """Score: larger is more suspect. Flagged: the peer's own rule, which a benchmark may set aside for a fitted one."""

    score: np.ndarray
    flagged: np.ndarray
    campaign: Sequence[str | None]  # which group the peer puts the account in; none where it names no group

    def write(self, log: Log, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        table = {
            "account_id": pa.array(log.accounts, pa.string()),
            "campaign_id": pa.array(list(self.campaign), pa.string()),
            "score": pa.array(np.asarray(self.score, np.float64)),
            "verdict": pa.array(np.where(self.flagged, "campaign", "clear").tolist(), pa.string()),
        }
        pq.write_table(pa.table(table), folder / "accounts.parquet")


def at_least(value: np.ndarray, threshold: float, campaign: Sequence[str | None] | None = None) -> Verdicts:
    """A rule with a fixed threshold. The score value / (value + threshold) is 0.5 exactly at the threshold."""
    value = np.asarray(value, np.float64)
    flagged = value >= threshold
    named = [None] * len(value) if campaign is None else campaign
    kept = [name if found else None for name, found in zip(named, flagged, strict=True)]
    return Verdicts(value / (value + threshold), flagged, kept)
