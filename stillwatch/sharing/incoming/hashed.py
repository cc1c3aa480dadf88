"""Cards and devices that partners told of hashed, found in a log of ours: its own, hashed as each partner hashed his.

What of a partner's meets nothing here stays a token: who has the key can try out values that he knows, and no others.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import keyfiles
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.sharing import keys
from stillwatch.sharing.incoming.effective import Believed

KINDS = ("payment", "device")  # that leave hashed (stix/kinds.py)
_PSEUDONYM = re.compile(r"(\d{4}q[1-4]:)?[A-Za-z0-9_-]{12}")  # as pseudonyms.py and sharing/keys.py write them

Told = tuple[str, str, str]  # key of a source, kind, and the value as it told it


@dataclass(frozen=True)
class Met:
    """What was compared. Values of ours are in no text of it."""

    ours: Mapping[Told, str]  # the value as the log has it
    told: int  # hashed values of all sources
    keyless: int  # of them, those of sources that gave us no key
    pseudonyms: int  # values of the log that have the form of pseudonyms: no key of a partner's makes them comparable

    def __repr__(self) -> str:
        return f"Met({len(self.ours):,} of {self.told:,})"


def met(found: Iterable[Believed], log: pa.Table | None) -> Met:
    """`log`: kind and value of each card and device, raw (stix/given.py); None where there is none to compare with."""
    told: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(
        lambda: defaultdict(list)
    )  # source → token → values
    files: dict[str, tuple[Path, ...]] = {}
    for one in found:
        hashed = keys.hashed(one.value) if one.kind in KINDS else None
        if hashed is not None:
            for source in {witness.claim.source for witness in one.witnesses}:
                told[source.key][one.kind, hashed[1]].append(one.value)
                files[source.key] = source.compare
    here = {kind: _different(log, kind) for kind in KINDS}
    ours = {
        (source, kind, value): raw
        for source, wanted in told.items() for path in files[source]
        for (kind, token), raw in _hashed(here, Pseudonyms(keyfiles.read(path)), wanted)
        for value in wanted[kind, token]
    }  # fmt: skip
    many = {source: sum(map(len, wanted.values())) for source, wanted in told.items()}
    return Met(
        ours, sum(many.values()), sum(count for source, count in many.items() if not files[source]),
        sum(_PSEUDONYM.fullmatch(value) is not None for values in here.values() for value in values.to_pylist()),
    )  # fmt: skip


def _different(log: pa.Table | None, kind: str) -> pa.Array:
    if log is None:
        return pa.array([], pa.string())
    return pc.unique(log.filter(pc.equal(log["kind"], kind))["value"])


def _hashed(
    here: Mapping[str, pa.Array], key: Pseudonyms, wanted: Iterable[tuple[str, str]]
) -> Iterable[tuple[tuple[str, str], str]]:
    """Kind and token of the log's values that are asked for under a key, and the value itself."""
    for kind, values in here.items():
        tokens = key.tokens_of_different(kind, values)
        asked = pa.array([token for of, token in wanted if of == kind], pa.string())
        some = pc.is_in(tokens, asked)
        for token, raw in zip(tokens.filter(some).to_pylist(), values.filter(some).to_pylist(), strict=True):
            yield (kind, token), raw
