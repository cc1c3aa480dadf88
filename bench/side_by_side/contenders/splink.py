"""Splink: a Fellegi-Sunter model of pairs of accounts, trained without labels, then connected components.

One row an account: payment, device and phone are one value each, with the frequency of the value in the weight; addresses are
a list. Pairs come from equal values. The steps, and ten million pairs for `u`, are those of its tutorial and docstrings.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

Work = Callable[[], Any]
SCALARS = ("payment", "device", "phone")
PAIRS_FOR_U = 1e7
RECALL = (
    0.5  # of the rules below, a guess its documentation asks for: half of an operator's pairs share nothing registered
)
THREADS = 2  # as many as ours


def linkage(folder: Path, table: str, probability: float) -> Work:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as compare

    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect(config={"threads": THREADS})
    connection.sql(f"CREATE TABLE accounts AS FROM '{folder}/{table}.parquet'")
    scalars = [block_on(name) for name in SCALARS]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="account_id",
        comparisons=[
            *(compare.ExactMatch(name).configure(term_frequency_adjustments=True) for name in SCALARS),
            compare.ArrayIntersectAtSizes("addresses", [3, 1]),
        ],
        blocking_rules_to_generate_predictions=[
            *scalars,
            block_on("addresses", arrays_to_explode=["addresses"]),
        ],
        retain_matching_columns=False,
    )

    def work() -> dict[str, Any]:
        linker = Linker(DuckDBAPI(connection).register("accounts"), settings, log_level=logging.ERROR)
        linker.training.estimate_probability_two_random_records_match(scalars, recall=RECALL)
        linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS_FOR_U)
        for name in SCALARS[:2]:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
        pairs = linker.inference.predict(threshold_match_probability=probability)
        groups = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=probability
        )
        found = connection.sql(
            f"SELECT account_id, dense_rank() OVER (ORDER BY cluster_id) AS label FROM {groups.physical_name}"
        ).to_arrow_table()
        compared = connection.sql(f"SELECT count(*) FROM {pairs.physical_name}").fetchone()
        return {"account_id": found["account_id"], "label": found["label"], "pairs": compared[0] if compared else 0}

    return work
