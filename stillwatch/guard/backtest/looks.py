"""Who stood where at each look: nothing that a decision is made with may have been found after it.

A result of `replay` says who was found at every look. One of `scan` says only where everybody stands at the end, as one of
`watch` does: decided by that, the whole log is read in hindsight, and the answer says so.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.campaigns.alarm import threshold
from stillwatch.config import Config
from stillwatch.errors import NothingToRead
from stillwatch.guard.known import campaign_facts, known
from stillwatch.guard.registered import Registered

_FEWEST_LOOKS = 2  # of a history: the last look of a watch alone tells nothing of the time before it
# Found here, and facts of `campaign.…` too; of templates the message is the customer's, and whose they are was found.
STANDING = frozenset({"account.verdict", "account.score", "account.role", "request.templates"})


def found_here(name: str) -> bool:
    """Whether a fact is of what was found, and not of what a request or a customer says."""
    return name in STANDING or name.startswith("campaign.")


@dataclass(frozen=True)
class Look:
    """What was known from an instant on."""

    at: float  # seconds since 1970
    standing: Mapping[str, Mapping[str, Any]]  # by account: facts; nothing of those who are clear
    found_at: Mapping[str, float]  # by account of a campaign: when it was counted to it


class Looks:
    """The looks of a result folder, read one at a time."""

    def __init__(self, result: Path, config: Config) -> None:
        if not (result / "accounts.parquet").is_file():
            raise NothingToRead(
                "no result to go by",
                str(result),
                "a result folder of replay or scan",
                "stillwatch replay LOG --out OUT",
            )
        self._result, self._config = result, config
        self.times = _times(result)
        self.hindsight = len(self.times) < _FEWEST_LOOKS
        if self.hindsight:
            self.times = [-math.inf]
        self._since: dict[tuple[str, str], float] = {}  # account and campaign → first look that found it there

    def take(self, place: int) -> Look:
        """The look at that place of `times`; to be taken in order."""
        if self.hindsight:
            end = known(self._result, Registered.nothing(), self._config)
            return Look(-math.inf, end.standing, dict.fromkeys(end.found_at, -math.inf))
        at = self.times[place]
        instant = pa.scalar(datetime.fromtimestamp(at, UTC), tables.INSTANT)
        only = [("at", "=", instant)]
        found = pq.read_table(self._result / "replay.parquet", filters=only).to_pylist()
        standing, found_at, enough = {}, {}, threshold(self._config.alarms)
        accounts = Counter(row["campaign_id"] for row in found)
        for row in pq.read_table(self._result / "watched.parquet", filters=only).to_pylist():
            standing[row["account_id"]] = {"account.verdict": "watch", "account.score": row["score"]}
        for row in found:
            account, campaign = row["account_id"], row["campaign_id"]
            standing[account] = {
                "account.verdict": "campaign", "account.score": row["score"], "account.role": row["role"] or "",
                **campaign_facts(campaign, accounts[campaign], row["confidence"], row["alarm_bits"] >= enough, row),
            }  # fmt: skip
            found_at[account] = self._since.setdefault((account, campaign), at)
        return Look(at, standing, found_at)


def _times(result: Path) -> list[float]:
    """When the looks of a replay were; none where there is no history that says enough to decide by."""
    paths = [result / f"{name}.parquet" for name in ("replay", "watched", "groups")]
    if not all(path.is_file() for path in paths):
        return []
    if "role" not in pq.read_schema(paths[0]).names:  # of a replay before roles were kept
        return []
    at = pa.chunked_array([chunk for path in paths for chunk in pq.read_table(path, columns=["at"])["at"].chunks])
    return [one.timestamp() for one in pc.unique(at).sort().to_pylist()] if len(at) else []
