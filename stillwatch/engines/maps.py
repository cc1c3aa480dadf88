"""The map stages that run in one pass over texts, as one function that travels: to a thread here, to an executor there.

Workers import what it names and no more, so nothing heavy belongs here.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from stillwatch.config import Text
from stillwatch.exchanges import clean
from stillwatch.networks import Networks
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.signals import KnownClients, signals


@dataclass(frozen=True)
class ToSignals:
    """Checked exchanges → signals, on whatever machine: clean, pseudonymise, fingerprint."""

    keys: Pseudonyms
    networks: Networks
    clients: KnownClients
    config: Text

    def __call__(self, batch: pa.RecordBatch, file: int, chunk: int) -> pa.RecordBatch:
        return signals(clean(batch, self.keys, self.networks, file, chunk), self.clients, self.config)
