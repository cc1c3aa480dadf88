"""Own templates, and whether their slots were dealt from a queue or are one set of items."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.campaigns.harvest import own_templates, template_reasons
from stillwatch.config import Config

CONFIG = Config().campaigns
TEMPLATE = {
    "cluster_id": "G-1", "field": "prompt", "template_id": "T", "users": 20, "all_users": 20, "exchanges": 900,
    "all_exchanges": 900, "prompts": 800, "repeated": 0, "senders": 1.0, "ties": False,
}  # fmt: skip


def template(**changes: Any) -> dict[str, Any]:
    return {**TEMPLATE, **changes}


def said(*templates: dict[str, Any], exchanges: int = 1000) -> dict[str, float]:
    return {one.code: one.weight for one in template_reasons("G-1", 20, exchanges, templates, CONFIG)}


@pytest.mark.parametrize(
    "changes, own",
    [
        ({}, True),
        ({"all_users": 1000}, False),
        ({"users": CONFIG.min_tied - 1, "all_users": CONFIG.min_tied - 1}, False),
        ({"all_users": round(20 / CONFIG.own_share) + 2}, False),
        ({"all_users": round(20 / CONFIG.own_share) + 2, "ties": True}, True),
        ({"all_users": round(20 / CONFIG.own_tying_share) + 2, "ties": True}, False),
    ],
    ids=[
        "all users are members",
        "a product's",
        "too few",
        "just too many outsiders",
        "outsiders tested as alike",
        "mostly outsiders",
    ],
)
def test_whose_a_template_is(changes: dict[str, Any], own: bool) -> None:
    assert bool(own_templates([template(**changes)], CONFIG)) is own


def test_most_used_first() -> None:
    order = own_templates([template(template_id="few", exchanges=9), template(template_id="many")], CONFIG)
    assert [one["template_id"] for one in order] == ["many", "few"]


def test_a_dealt_queue_speaks_for_extraction() -> None:
    found = said(template(senders=1.0 + CONFIG.queue_overlap / 2))
    assert {"own_template", "template_share", "queue_shards"} == set(found)
    assert all(0 < bits <= CONFIG.cap_bits for bits in found.values())


def test_one_set_of_items_speaks_against_it() -> None:
    found = said(template(prompts=200, senders=1 + 19 * (CONFIG.item_overlap + 0.1)))
    assert found["repeated_items"] < 0 and "queue_shards" not in found


def test_between_the_two_nothing_is_said() -> None:
    between = (CONFIG.queue_overlap + CONFIG.item_overlap) / 2
    assert not {"queue_shards", "repeated_items"} & set(said(template(senders=1 + 19 * between)))


def test_few_prompts_say_nothing_of_a_queue() -> None:
    assert "queue_shards" not in said(template(prompts=CONFIG.min_prompts - 1))


def test_a_sliver_of_the_traffic_is_no_harvest() -> None:
    assert "template_share" not in said(template(), exchanges=10**6)


def test_system_prompts_are_shared_text_and_not_harvest() -> None:
    assert "template_share" not in said(template(field="system"))


def test_no_own_template_no_reason() -> None:
    assert said() == {}
