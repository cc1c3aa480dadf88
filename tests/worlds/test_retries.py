"""What is sent again after it failed: by the same account, inside an organisation, or by the next account of a pool."""

from __future__ import annotations

import pytest

from worlds.made import Made, made

AGAIN = """WITH sent AS (SELECT rows.*, campaign, organization_id AS org FROM rows JOIN labels USING (account_id)),
           failed AS (SELECT * FROM sent WHERE status <> 200 OR finish_reason = 'refusal')
           SELECT {} FROM failed JOIN sent ON sent.prompt = failed.prompt AND length(sent.prompt) > 60
           AND sent.timestamp > failed.timestamp AND sent.timestamp < failed.timestamp + INTERVAL 80 SECOND WHERE {}"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory, "september-2026-07")


@pytest.mark.parametrize("campaign", ["injected", "rotation"])
def test_a_pool_takes_what_failed_to_its_next_account(world: Made, campaign: str) -> None:
    failed = world.one(
        "SELECT count(*) FROM rows JOIN labels USING (account_id) WHERE (status = 429 OR finish_reason = 'refusal') "
        f"AND campaign = '{campaign}'"
    )
    elsewhere = f"failed.campaign = '{campaign}' AND failed.status <> 529 AND sent.account_id <> failed.account_id"
    assert 0.4 < world.one(AGAIN.format("count(DISTINCT failed.exchange_id)", elsewhere)) / failed < 0.8
    assert world.one(AGAIN.format("count(*) FILTER (sent.campaign <> failed.campaign)", elsewhere)) == 0


def test_customers_try_again_themselves_and_go_elsewhere_only_inside_their_organisation(world: Made) -> None:
    ordinary = "failed.campaign IS NULL AND sent.campaign IS NULL"
    assert world.one(AGAIN.format("avg((sent.account_id = failed.account_id)::INT)", ordinary)) > 0.8
    moved = f"{ordinary} AND sent.account_id <> failed.account_id AND failed.status = 529"
    assert world.one(AGAIN.format("count(*)", moved)) > 0
    assert world.one(AGAIN.format("bool_and(sent.org = failed.org)", moved))


def test_most_of_a_sweep_is_refused_and_little_of_what_others_send(world: Made) -> None:
    share = "SELECT avg((finish_reason IS NOT DISTINCT FROM 'refusal')::INT) FROM rows JOIN labels USING (account_id) WHERE "
    sweep = "campaign = 'sweep' AND timestamp < TIMESTAMPTZ '2026-07-10 00:00:00+00'"
    assert 0.75 < world.one(share + sweep) < 0.95
    assert 0.001 < world.one(share + "campaign IS NULL") < 0.02


def test_the_labels_know_every_row_that_was_sent_again(world: Made) -> None:
    ours = "SELECT exchange_id FROM rows JOIN labels USING (account_id) WHERE campaign IS NOT NULL"
    assert world.one(f"SELECT count(*) FROM ({ours}) ANTI JOIN marks USING (exchange_id)") == 0
    assert world.one("SELECT count(*) - count(DISTINCT exchange_id) FROM rows") == 0
