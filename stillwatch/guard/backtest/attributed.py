"""Which exchanges are attributed to a campaign: OUT/exchanges.parquet, as sorted hashes of 64 bits.

Ten bytes an exchange, so that a hundred million harvested ones fit in memory; that any two share a hash is as unlikely as
in `readers/ids.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds

from stillwatch.readers import hashes

NOBODYS = -1  # of an exchange that is no campaign's


@dataclass(frozen=True)
class Attributed:
    """Of each attributed exchange its campaign, as a place in `campaigns`."""

    campaigns: list[str]
    hashes: np.ndarray  # uint64, sorted
    codes: np.ndarray  # int16

    @classmethod
    def read(cls, path: Path) -> Attributed:
        """Of a result folder; of one whose exchanges are elsewhere, nothing."""
        campaigns: dict[str, int] = {}
        found: list[np.ndarray] = [np.empty(0, np.uint64)]
        codes: list[np.ndarray] = [np.empty(0, np.int16)]
        if path.exists():
            for batch in ds.dataset(path).to_batches(columns=["exchange_id", "campaign_id"]):
                own = batch["campaign_id"].dictionary_encode()
                places = [campaigns.setdefault(name, len(campaigns)) for name in own.dictionary.to_pylist()]
                codes.append(np.array(places, np.int16)[own.indices.to_numpy()])
                found.append(hashes(batch["exchange_id"]))
        all_of, all_codes = np.concatenate(found), np.concatenate(codes)
        order = np.argsort(all_of, kind="stable")
        return cls(list(campaigns), all_of[order], all_codes[order])

    def of(self, ids: np.ndarray) -> np.ndarray:
        """Places of the campaigns of exchanges, by the hashes of their ids; NOBODYS where there is none."""
        if not len(self.hashes):
            return np.full(len(ids), NOBODYS, np.int16)
        places = np.minimum(self.hashes.searchsorted(ids), len(self.hashes) - 1)
        return np.where(self.hashes[places] == ids, self.codes[places], np.int16(NOBODYS))
