"""Look-alikes: every ordinary group trips the signals it is there for, and is innocent by what is written beside them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.evidence import ELICITATIONS
from stillwatch.signals.tags import tags
from worlds.made import Made, made

# What shows: a query over the rows `mine` of one group (with its labels), and the least that it must give.
TRIPS = {
    "agents": (
        "most accounts under one system prompt's first 300 characters",
        "SELECT max(n) FROM (SELECT count(DISTINCT account_id) n FROM mine WHERE system IS NOT NULL GROUP BY system[:300])",
        25,
    ),
    "agents ": ("client versions", "SELECT count(DISTINCT user_agent) FROM mine WHERE user_agent LIKE 'harbour%'", 3),
    "campus": ("accounts on an address", "SELECT max(n) FROM by_address", 10),
    "campus ": (
        "accounts that send one text within a day",
        "SELECT max(n) FROM (SELECT count(DISTINCT account_id) n FROM mine GROUP BY prompt, timestamp::DATE)",
        3,
    ),
    "pipelines": ("keys under one payer", "SELECT max(n) FROM by_payment", 12),
    "pipelines ": ("hours of the day with traffic", "SELECT count(DISTINCT hour(timestamp)) FROM mine", 24),
    "judge_products": (
        "share that elicits a graded judgement",
        "SELECT avg(regexp_matches(lower(prompt), 'rubric|criteri|score|grade|mark|points|rate')::INT) FROM mine",
        0.6,
    ),
    "single_account_products": (
        "exchanges of one account on one day",
        "SELECT max(n) FROM (SELECT count(*) n FROM mine GROUP BY account_id, timestamp::DATE)",
        150,
    ),
    "single_account_products ": ("users of one account", "SELECT max(n) FROM by_user", 30),
    "own_key_product": ("accounts on an address", "SELECT max(n) FROM by_address", 6),
    "own_key_product ": ("payers", "SELECT count(DISTINCT payment_fingerprint) FROM paying", 10),
    "aggregators": ("users of one account", "SELECT max(n) FROM by_user", 100),
    "evaluators": (
        "share of those who begin near the release that do so within 24 hours",
        "SELECT count(*) FILTER (began < 24) / count(*) FROM "
        "(SELECT date_diff('minute', TIMESTAMPTZ '2026-02-10 17:00:00+00', min(timestamp)) / 60 began FROM mine GROUP BY "
        "account_id) WHERE began > -1",
        0.7,
    ),
    "evaluators ": (
        "unrelated accounts that send one text",
        "SELECT max(n) FROM (SELECT count(DISTINCT account_id) n FROM mine GROUP BY prompt)",
        2,
    ),
    "ci_runners": (
        "addresses of one account",
        "SELECT max(n) FROM (SELECT count(DISTINCT client_ip) n FROM mine GROUP BY account_id)",
        25,
    ),
    "vpn_users": ("accounts on an address", "SELECT max(n) FROM by_address", 6),
    "employers": (
        "exchanges of one account within a day of its sign-up",
        "SELECT max(n) FROM (SELECT count(*) n FROM mine JOIN accounts USING (account_id) "
        "WHERE timestamp < created_at + INTERVAL 1 DAY GROUP BY account_id)",
        20,
    ),
    "synthetic_data": ("exchanges of one payer", "SELECT count(*) FROM mine", 5_000),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory, "disclosure-2026-02")


def mine(world: Made, group: str) -> None:
    """The views that the table's queries are asked of."""
    world.ask_all(
        "CREATE OR REPLACE TEMP TABLE mine AS SELECT rows.* FROM rows JOIN labels USING (account_id) "
        f"WHERE \"group\" = '{group}'",
        "CREATE OR REPLACE TEMP VIEW by_address AS SELECT count(DISTINCT account_id) n FROM mine GROUP BY client_ip",
        "CREATE OR REPLACE TEMP VIEW by_user AS SELECT count(DISTINCT end_user_id) n FROM mine GROUP BY account_id",
        "CREATE OR REPLACE TEMP VIEW paying AS SELECT * FROM accounts SEMI JOIN mine USING (account_id)",
        "CREATE OR REPLACE TEMP VIEW by_payment AS SELECT count(*) n FROM paying GROUP BY payment_fingerprint",
    )


@pytest.mark.parametrize("group", TRIPS)
def test_a_look_alike_trips_its_signal(world: Made, group: str) -> None:
    what, query, least = TRIPS[group]
    mine(world, group.strip())
    assert world.one(query) >= least, what


def test_every_ordinary_group_is_in_the_calm_world_too(tmp_path_factory: pytest.TempPathFactory, world: Made) -> None:
    groups = 'SELECT DISTINCT "group" FROM labels WHERE campaign IS NULL ORDER BY 1'
    assert made(tmp_path_factory, "calm-2026-02").ask(groups) == world.ask(groups)
    assert {name.strip() for name in TRIPS} | {"individuals", "explainers"} == {row[0] for row in world.ask(groups)}


def test_explainers_ask_for_reasoning_more_than_others(world: Made) -> None:
    shares, tagged = {}, {}
    for group in ("explainers", "individuals"):
        mine(world, group)
        query = "avg(regexp_matches(lower(prompt), 'step by step|reasoning|justif|schritt für schritt|étape par étape')::INT)"
        shares[group] = world.one(f"SELECT {query} FROM mine")
        prompts = pa.array(
            [row[0] for row in world.ask("SELECT prompt FROM mine ORDER BY hash(exchange_id) LIMIT 3000")]
        )
        found = np.asarray(tags(pa.nulls(len(prompts), pa.string()), prompts, None).elicitation)
        tagged[group] = (found >> ELICITATIONS.index("chain_of_thought") & 1).mean()
    assert shares["explainers"] > 0.1 > 10 * shares["individuals"]
    assert tagged["explainers"] > tagged["individuals"] == 0  # our own tags are tripped as well


@pytest.mark.parametrize(("passes_users_on", "resellers"), [(True, 1), (False, 1)])
def test_there_are_resellers_with_and_without_users(world: Made, passes_users_on: bool, resellers: int) -> None:
    mine(world, "aggregators")
    query = f"""SELECT count(*) FROM (SELECT organization_id, bool_or(end_user_id IS NOT NULL) users FROM mine GROUP BY 1)
                WHERE users = {passes_users_on}"""
    assert world.one(query) == resellers


def test_declared_and_undeclared_companies(world: Made) -> None:
    mine(world, "pipelines")
    declared = (
        f"SELECT count(*) FROM '{world.folder}/log/declared.parquet' WHERE id IN (SELECT organization_id FROM mine)"
    )
    assert 1 <= world.one(declared) < world.one("SELECT count(DISTINCT organization_id) FROM mine")


def test_on_the_calm_launch_day_everybody_moves(tmp_path_factory: pytest.TempPathFactory, world: Made) -> None:
    share = """SELECT avg((model = 'atlas-5')::INT) FROM rows JOIN labels USING (account_id) WHERE "group" = 'individuals'
               AND timestamp BETWEEN TIMESTAMPTZ '2026-02-10 17:00:00+00' AND TIMESTAMPTZ '2026-02-11 17:00:00+00'"""
    assert made(tmp_path_factory, "calm-2026-02").one(share) > 0.3 > 0.1 > world.one(share)
