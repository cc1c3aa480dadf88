"""Items dealt to accounts against items that people share; and a product's customers against a pool's members."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch import tables
from stillwatch.links.queue_shards import queue_shards

Rows = list[dict[str, Any]]
PEOPLE = {"people's": {one: range(40) for one in "cd"}}  # both send every item of forty


def halves(items: int, repeats: int = 0) -> dict[str, range]:
    """A queue of so many items dealt to two accounts, the first `repeats` of b's to both."""
    return {"a": range(items // 2 + repeats), "b": range(items // 2, items)}


def dealt(engine: Any, **templates: dict[str, range]) -> set[str]:
    """Templates that look dealt, and by them who is tied."""
    rows = [
        {"account_id": account, "template_id": name, "prompt_hash": number, "exchanges": 3}
        for name, senders in templates.items() for account, numbers in senders.items() for number in numbers
    ]  # fmt: skip
    given = {"account_prompts": engine.given(tables.ACCOUNT_PROMPTS, *rows)}
    return {f"{row['value']}:{row['account_id']}" for row in engine.collect(queue_shards.values(given))}


@pytest.mark.parametrize(
    ("queue", "ties"),
    [
        (halves(160), True),
        (halves(160, repeats=1), True),
        (halves(160, repeats=80), False),
        (halves(12), False),
        (dict.fromkeys("ab", range(40)), False),
    ],
    ids=["dealt", "one item fell back into the queue", "every other item repeats", "too few to say", "repeated"],
)
def test_a_dealt_template(engine: Any, queue: dict[str, range], ties: bool) -> None:
    assert dealt(engine, **PEOPLE, Q=queue) == ({"Q:a", "Q:b"} if ties else set())


def test_without_people_to_compare_with_nothing_is_unusual(engine: Any) -> None:
    assert dealt(engine, Q=halves(160)) == set()


def test_prompts_without_a_template_are_no_queue(engine: Any) -> None:
    assert dealt(engine, **PEOPLE, **{"": halves(160)}) == set()


def test_a_huge_benchmark_does_not_set_what_is_usual(engine: Any) -> None:
    """Each template counts once: a queue of a thousand items leaves the small one as it was."""
    assert {"Q:a", "Q:b"} <= dealt(engine, **PEOPLE, Q=halves(160), huge=halves(1000))


def shared_kinds(engine: Any, cards: int) -> tuple[bool, set[str]]:
    """Is a template dealt to 40 accounts with so many cards a product's, and which ties by templates does it give?"""
    accounts = [f"u{number}" for number in range(40)]
    used = [
        {"account_id": one, "field": "prompt", "template_id": "Q", "exchanges": 9,
         "first_seen": "2026-02-02 09:00", "last_seen": "2026-02-03 09:00"}
        for one in accounts
    ]  # fmt: skip
    registered = [
        {"account_id": one, "payment_fingerprint": f"card {place % cards}"} for place, one in enumerate(accounts)
    ]
    prompts = [
        {"account_id": one, "template_id": "Q", "prompt_hash": place * 9 + n, "exchanges": 1}
        for place, one in enumerate(accounts) for n in range(9)
    ]  # fmt: skip
    prompts += [
        {"account_id": one, "template_id": "people's", "prompt_hash": n, "exchanges": 1}
        for one in "cd" for n in range(40)
    ]  # fmt: skip
    spread = engine.stage("template_spread", account_templates=used, registered=registered)
    values = engine.stage(
        "account_values", account_templates=used, registered=registered, account_prompts=prompts, template_spread=spread
    )
    return spread[0]["independent"], {row["kind"] for row in values if row["account_id"] in accounts}


def test_a_product_whose_customers_pay_for_themselves(engine: Any) -> None:
    independent, kinds = shared_kinds(engine, cards=40)
    assert independent and "rare_template" not in kinds
    assert "queue_shards" in kinds, "its customers' content differs too: the tie is weak, and a crowd ends it"
    assert queue_shards.family == "product"


def test_a_pool_whose_members_share_cards(engine: Any) -> None:
    independent, kinds = shared_kinds(engine, cards=8)
    assert not independent and {"rare_template", "queue_shards", "shared_payment"} <= kinds
