"""Splink: a Fellegi-Sunter model of pairs of accounts, trained without labels, then connected components.

One row an account. What an account has one of is compared with the frequency of its value in the weight, what it has several of
by how many are common. Pairs come from equal values. The steps, and ten million pairs for `u`, are those of its documentation.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

Work = Callable[[], Any]
TRAINED_ON = ("payment", "device")  # pairs with an equal one teach what else those of one hand share
CERTAIN = ("payment", "device", "phone")  # rules that admit few false pairs
COMMON = [3, 1]  # values of a list
PAIRS_FOR_U = 1e7
RECALL = (
    0.5  # of the rules below, a guess its documentation asks for: half of an operator's pairs share nothing registered
)
THREADS = 2  # as many as ours


def linkage(
    folder: Path, table: str, probability: float, scalars: list[str], lists: list[str], blocks: list[str]
) -> Work:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as compare

    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect(config={"threads": THREADS})
    connection.sql(f"CREATE TABLE accounts AS FROM '{folder}/{table}.parquet'")
    certain = [block_on(name) for name in CERTAIN]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="account_id",
        comparisons=[
            *(compare.ExactMatch(name).configure(term_frequency_adjustments=True) for name in scalars),
            *(compare.ArrayIntersectAtSizes(name, COMMON) for name in lists),
        ],
        blocking_rules_to_generate_predictions=[
            block_on(name, arrays_to_explode=[name]) if name in lists else block_on(name) for name in blocks
        ],
        retain_matching_columns=False,
    )

    def work() -> dict[str, Any]:
        linker = Linker(DuckDBAPI(connection).register("accounts"), settings, log_level=logging.ERROR)
        linker.training.estimate_probability_two_random_records_match(certain, recall=RECALL)
        linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS_FOR_U)
        for name in TRAINED_ON:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
        pairs = linker.inference.predict(threshold_match_probability=probability)
        groups = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=probability
        )
        found = connection.sql(
            f"SELECT account_id, dense_rank() OVER (ORDER BY cluster_id) AS label FROM {groups.physical_name}"
        ).to_arrow_table()
        kept = connection.sql(f"SELECT count(*) AS pairs FROM {pairs.physical_name}").to_arrow_table()
        return {"account_id": found["account_id"], "label": found["label"], "pairs": kept["pairs"][0].as_py()}

    return work
