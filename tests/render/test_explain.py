import json
from dataclasses import replace
from io import StringIO

from rich.console import Console
from rich.tree import Tree

from stillwatch.render.explain import TIES_SHOWN, account_tree, account_tree_json, campaign_tree, campaign_tree_json

from .sample import reasoning_campaign

ROW = {
    "account_id": "a-7c01",
    "campaign_id": "C-3f9a",
    "score": 0.93,
    "verdict": "campaign",
    "role": "spare",
    "reasons": [
        {"code": "old", "text": "It is older than a year.", "weight": -1.0, "innocent_explanation": "a customer"},
        {"code": "shared_payment", "text": "Its card pays for 8.", "weight": 4.2, "innocent_explanation": "a family"},
    ],
}
LINKS = [
    {"account_a": "a-7c01", "account_b": "a-f210", "kind": "shared_payment", "weight": 3.5, "value_pseudonym": "p-1"},
    {"account_a": "a-0d3c", "account_b": "a-7c01", "kind": "lockstep", "weight": 5.0, "value_pseudonym": None},
    {"account_a": "a-1", "account_b": "a-2", "kind": "shared_payment", "weight": 9.9, "value_pseudonym": "p-2"},
]
FEATURES = {"exchanges_per_day": {"value": 120.5, "percentile": 99.2}, "night_share": 0.33, "span": {"value": None}}


def drawn(tree: Tree) -> str:
    console = Console(width=200, record=True, file=StringIO())
    console.print(tree)
    return console.export_text()


def test_the_tree_goes_from_finding_to_reason_to_number_to_query() -> None:
    lines = [line.strip("│├└─ ") for line in drawn(campaign_tree(reasoning_campaign())).splitlines()]
    start = lines.index("fraud 0.81")
    assert lines[start + 1 : start + 8] == [
        "observed: 9 cards pay for 118 accounts.",
        "observed: 96 accounts came through the education pathway with 4 address patterns.",
        "inferred: Most of the accounts were registered under identities made for the purpose.",
        "+9.4 bits: 118 of 143 accounts were paid for with 9 cards, each of which pays for 8 to 21 accounts.",
        "observed 118, p = 3×10⁻¹⁴",
        "innocent explanation: one company pays for its staff; its accounts would share a domain and an organisation",
        "SELECT count(DISTINCT account_id) FROM accounts",
    ]


def test_the_tree_tells_releases_and_pivots() -> None:
    text = drawn(campaign_tree(reasoning_campaign()))
    for expected in (
        "harbour-4-mini, released 14 July 2026, 16:00 UTC: 61% of its exchanges within 20 hours, half of that share by hour 3; "
        "19% of everybody else's (p = 0.0004).",
        "it sent 2.6 times as much as on a day of the week before; everybody else 1.2 times (p = 0.05).",
        "pivots, held against nobody",
        "Turned from judging answers to reasoning on 15 July 2026",
    ):
        assert expected in " ".join(line.strip("│├└─ ") for line in text.splitlines())
    document = campaign_tree_json(reasoning_campaign())
    assert document["pivots"][0]["to"] == "reasoning" and document["release_response"][0]["half_hours"] == 3.0


def test_without_releases_and_pivots_nothing_is_said_of_them() -> None:
    text = drawn(campaign_tree(replace(reasoning_campaign(), release_response=[], pivots=[])))
    assert "releases of models" not in text and "pivots" not in text


def test_every_reason_stands_in_the_json_form_once() -> None:
    campaign = reasoning_campaign()
    document = campaign_tree_json(campaign)
    under = [one["code"] for finding in document["findings"] for one in finding["reasons"]]
    under += [one["code"] for one in document["other_reasons"]]
    assert sorted(under) == sorted(reason.code for reason in campaign.evidence)
    assert document["schema_version"] == 1
    assert json.loads(json.dumps(document)) == document


def test_an_account_shows_its_own_ties_strongest_first() -> None:
    document = account_tree_json(ROW, reasoning_campaign(), LINKS, FEATURES)
    assert document["ties"] == [
        {"account_id": "a-0d3c", "kind": "lockstep", "weight": 5.0},
        {"account_id": "a-f210", "kind": "shared_payment", "weight": 3.5, "value_pseudonym": "p-1"},
    ]
    assert [one["code"] for one in document["reasons"]] == ["shared_payment", "old"]
    assert json.loads(json.dumps(document))["schema_version"] == 1


def test_an_account_tree_says_where_it_stands_and_what_it_is_not_accused_of() -> None:
    text = drawn(account_tree(ROW, reasoning_campaign(), LINKS, FEATURES))
    for expected in (
        "campaign, score 0.93",
        "in C-3f9a: 143 accounts on 9 payment cards",
        "spare: Registered by the same means and idle. Not accused of harvesting.",
        "+4.2 bits: Its card pays for 8.",
        "innocent explanation: a family",
        "shared payment with 1 account",
        "a-f210: weight 3.5, value p-1",
        "exchanges per day 120.5, above 99% of accounts",
        "night share 0.33",
        "span not known",
    ):
        assert expected in text


def test_a_clear_account_is_told_so() -> None:
    row = {"account_id": "a-1", "score": 0.01, "verdict": "clear", "role": None, "campaign_id": None, "reasons": []}
    text = drawn(account_tree(row, None, [], {}))
    assert "clear, score 0.01" in text
    assert "nothing speaks against it" in text and "shares nothing with any other account" in text


def test_a_crowd_of_ties_is_counted_not_listed() -> None:
    crowd = [LINKS[0] | {"account_b": f"b-{place}"} for place in range(TIES_SHOWN + 30)]
    text = drawn(account_tree(ROW, None, crowd, {}))
    assert "shared payment with 42 accounts" in text and "30 more, weaker" in text
    assert text.count("weight 3.5") == TIES_SHOWN


def test_text_of_a_log_cannot_command_the_terminal() -> None:
    row = ROW | {"reasons": [ROW["reasons"][0] | {"text": "[red]\x1b[2J"}]}  # type: ignore[index]
    text = drawn(account_tree(row, None, [], {}))
    assert "[red][U+001B][2J" in text and "\x1b" not in text
