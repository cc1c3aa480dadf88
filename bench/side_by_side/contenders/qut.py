"""QUT's coordination network toolkit: accounts that did the same within some seconds, by a self-join in SQLite."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

Work = Callable[[], Any]


def pairing(folder: Path, seconds: int) -> Work:
    """Its co-retweet network, one process. Filling its database is not counted, as reading is not for others."""
    from coordination_network_toolkit.compute_networks import compute_co_retweet_parallel
    from coordination_network_toolkit.preprocess import preprocess_data

    database = str(folder / f"qut-{seconds}.db")
    Path(database).unlink(missing_ok=True)
    with (folder / "rows.csv").open() as rows:
        preprocess_data(
            database,
            (
                (row["content_id"], row["account_id"], "", row["object_id"], "", "", row["timestamp_share"], [])
                for row in csv.DictReader(rows)
            ),
        )

    def work() -> dict[str, Any]:
        compute_co_retweet_parallel(database, seconds, n_threads=1, min_edge_weight=1)
        pairs = sqlite3.connect(database).execute(
            "SELECT user_1, user_2, weight FROM co_retweet_network WHERE user_1 < user_2"
        )
        a, b, times = zip(*pairs.fetchall(), strict=True)
        return {"account_a": list(map(str, a)), "account_b": list(map(str, b)), "times": times}

    return work
