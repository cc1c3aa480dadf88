"""A small log and the result of its scan, as tables: seven accounts of which four are a campaign's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.config import Config, Templates, Text
from stillwatch.sharing.matching.identifiers import Gathered, gathered
from stillwatch.uses import with_settings

AT = datetime(2026, 11, 1, tzinfo=UTC)
FIRST, SECOND = list(range(100, 140)), list(range(900, 903))  # fingerprints of a template, and of a phrase
#          account   role         campaign  e-mail                      card              device           number
ACCOUNTS = [
    ("harvest", "harvester", "C-1", "A.nna+x@GMail.com", "card_00000001", "device_0001", "+49 171 2345678"),
    ("second", "harvester", "C-1", None, "card_00000001", "d1", "0171 2345678"),
    ("spare", "spare", "C-1", "b@spare.example", None, None, "0049 (171) 999-9999"),
    ("carrier", "carrier", "C-1", "c@carrier.example", "card_00000003", "device_0003", None),
    ("victim", "victim", "C-1", "d@victim.example", "card_00000004", "device_0004", "+4917100000"),
    ("honest", None, None, "e@honest.example", "card_00000005", "device_0005", "x9f3kq"),
    ("other", None, None, "kJ3_9-aPqz01", "card_00000005", None, "+49 171 2345678"),
]


def placed(folder: Path, accounts: list[tuple[Any, ...]] = ACCOUNTS, templates: bool = True) -> tuple[Path, Path]:
    """Log and result folder."""
    log, out = folder / "log", folder / "out"
    log.mkdir(parents=True)
    out.mkdir()
    rows = [
        {
            "account_id": one[0],
            "email": one[3],
            "payment_fingerprint": one[4],
            "device_fingerprint": one[5],
            "phone": one[6],
        }
        for one in accounts
    ]
    pq.write_table(pa.Table.from_pylist(rows), log / "accounts.parquet")
    found = [
        {"account_id": one[0], "campaign_id": one[2], "role": one[1], "score": 0.9 if one[2] else 0.01,
         "verdict": "campaign" if one[2] else "clear", "reasons": []}
        for one in accounts
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(found, tables.RESULT_ACCOUNTS.schema), out / "accounts.parquet")
    owned = (("C-1", "T-own", FIRST), ("C-1", "T-phrase", SECOND), (None, "T-others", list(range(50))))
    told = [
        {
            "at": AT,
            "campaign_id": campaign,
            "template_id": name,
            "field": "prompt",
            "shingles": those,
            "usual_shingles": 9.0,
        }
        for campaign, name, those in owned
    ]
    made = pa.Table.from_pylist(told if templates else [], tables.RESULT_TEMPLATES.schema)
    pq.write_table(with_settings(made, Text(), Templates()), out / "templates.parquet")
    sent = [
        {"exchange_id": f"e{number}", "account_id": account, "campaign_id": "C-1", "score": 1.0, "capability": "coding",
         "template_id": template}
        for number, (account, template) in enumerate(
            [("harvest", "T-own"), ("second", "T-own"), ("second", "T-own"), ("victim", "T-own"), ("second", "T-phrase"),
             ("honest", "T-others"), ("harvest", None)]
        )
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(sent, tables.RESULT_EXCHANGES.schema), out / "exchanges.parquet")
    return log, out


def values(folder: Path, kinds: tuple[str, ...], whom: str = "campaign", **other: Any) -> Gathered:
    return gathered(*placed(folder, **other), kinds, whom, Config().reading, datetime.now(UTC))


def shingles(seed: int, many: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-(2**31), 2**31, many).astype(np.int32)
