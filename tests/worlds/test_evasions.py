"""The evasion ladder: each rung takes away what it says from every campaign, and has its price."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from stillwatch.errors import BadConfiguration
from stillwatch.worlds import load, shipped
from stillwatch.worlds.grammar import phrase_books, without_missing
from stillwatch.worlds.groups import ALL
from stillwatch.worlds.paraphrase import reworded
from stillwatch.worlds.plan import cast_of
from stillwatch.worlds.streams import Cast
from stillwatch.worlds.world import ladder
from worlds.made import SCALE, SEED, Made, made

WORLDS = ["disclosure-2026-02", "quiet-2026-07", "relay-2026-07", "september-2026-07"]
CAMPAIGNS = [(world, campaign) for world in WORLDS for campaign in load(world).campaigns]
LADDER = shipped.read("evasions.yaml")
RUN = 9  # words in a row that a template shows by; a Chinese character counts as one
WORD = re.compile(r"[\u3400-\u9fff]|\w+")


@cache  # of 31 plans, which tests ask for 150 times; nobody changes one
def planned(world: str, rung: int = 0, evasions: tuple[str, ...] = ()) -> Cast:
    books = frozenset(without_missing(phrase_books(), ()))
    return cast_of(load(world, rung, evasions), SCALE, SEED, books, ALL)


def rates(cast: Cast, campaign: str) -> tuple[Any, Any]:
    """Exchanges a day of each of the campaign's accounts: all, and harvested."""
    everything, harvested = np.zeros(cast.size), np.zeros(cast.size)
    for stream in cast.streams:
        if stream.campaign == campaign:
            np.add.at(everything, stream.accounts, stream.rate)
            if any(kind.harvested for kind in stream.kinds):
                np.add.at(harvested, stream.accounts, stream.rate)
    busy = everything > 0
    return everything[busy], harvested[busy]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory, "disclosure-2026-02")


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Everything at once."""
    return made(tmp_path_factory, "disclosure-2026-02", len(ladder()))


# What shows in the log of a campaign's accounts, without evasion at least and on the top rung at most.
SHOWS = {
    "accounts on an address": (
        "SELECT max(n) FROM (SELECT count(DISTINCT account_id) n FROM mine WHERE role <> 'victim' GROUP BY client_ip)",
        5,
        2,
    ),
    "accounts on a payment": (
        "SELECT max(n) FROM (SELECT count(*) n FROM registered WHERE role <> 'victim' AND payment_fingerprint IS NOT NULL "
        "GROUP BY payment_fingerprint)",
        3,
        1,
    ),
    "accounts of a campaign that begin a prompt with the same 80 characters": (
        "SELECT max(n) FROM (SELECT count(DISTINCT account_id) n FROM mine WHERE harvested AND turn = 0 GROUP BY prompt[:80])",
        12,
        8,
    ),
    "share of days with 40 requests or more": (
        "SELECT avg((n >= 40)::INT) FROM (SELECT count(*) n FROM mine GROUP BY account_id, timestamp::DATE)",
        0.2,
        0.12,
    ),
    "harvested share": ("SELECT avg(harvested::INT) FROM mine WHERE campaign = 'tools'", 1.0, 0.34),
}


@pytest.mark.parametrize("what", SHOWS)
def test_the_top_rung_takes_it_away(plain: Made, top: Made, what: str) -> None:
    query, least, most = SHOWS[what]
    found = []
    for world in (plain, top):
        world.ask_all(
            "CREATE OR REPLACE TEMP VIEW mine AS SELECT rows.*, role, harvested, campaign FROM rows "
            "JOIN marks USING (exchange_id) JOIN labels USING (account_id, campaign)",
            "CREATE OR REPLACE TEMP VIEW registered AS SELECT * FROM accounts JOIN labels USING (account_id) "
            "WHERE campaign IS NOT NULL",
        )
        found.append(world.one(query))
    assert found[0] >= least
    assert found[1] <= most


@pytest.mark.parametrize(("world", "campaign"), CAMPAIGNS)
def test_every_campaign_climbs_every_rung(world: str, campaign: str) -> None:
    casts = [planned(world, rung) for rung in range(len(ladder()) + 1)]
    everything, harvested = zip(*(rates(cast, campaign) for cast in casts), strict=True)
    # Nothing is harvested for nothing: a rung never gives more, and from mimicry on it gives less.
    volume = [one.sum() for one in harvested]
    assert all(after <= before * 1.001 for before, after in pairwise(volume[:4]))
    ordinary = LADDER["mimicry"]["ordinary_share"]
    assert (harvested[3] <= everything[3] * (1 - ordinary) * 1.001).all()
    assert everything[3].sum() == pytest.approx(everything[0].sum())
    assert everything[4].max() <= LADDER["identities"]["exchanges_a_day"] * 1.001
    mine = [one for one in casts[4].people if one.campaign == campaign]
    cards = np.concatenate([one.payment[(one.payment != 0) & (one.role != "victim")] for one in mine])
    assert len(np.unique(cards)) == len(cards)
    size = [sum(len(one) for one in cast.people if one.campaign == campaign) for cast in casts]
    assert size[0] == size[3] <= size[4] <= LADDER["identities"]["most_more_accounts"] * size[0] * 1.1


@pytest.mark.parametrize("world", WORLDS)
def test_honest_accounts_do_not_change(world: str) -> None:
    for before, after in zip(planned(world).people, planned(world, len(ladder())).people, strict=True):
        if not before.campaign:
            assert (before.address == after.address).all() and (before.payment == after.payment).all()


def test_mimicry_keeps_the_hours_of_the_accounts_own_country(
    plain: Made, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mimic = made(tmp_path_factory, "disclosure-2026-02", 3)
    night = """SELECT avg((hour(timestamp AT TIME ZONE 'UTC') BETWEEN 19 AND 22)::INT) FROM rows
               JOIN marks USING (exchange_id) JOIN accounts USING (account_id)
               WHERE harvested AND declared_country IN ('SG', 'HK', 'TW')"""  # three to six in the morning there
    assert plain.one(night) > 0.12
    assert mimic.one(night) < 0.07


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("Show each step.", {"Show each step.", "Show every step.", "Present each step.", "Present every step."}),
        ("each @{each.row} each", None),
        ('[{"name": "each"}]', {'[{"name": "each"}]'}),
        ("teach", {"teach"}),
        ("请逐步思考", {"请逐步思考", "请一步步思考"}),
    ],
)
def test_rewording(text: str, possible: set[str] | None) -> None:
    wordings = {"each": ["every"], "show": ["present"], "逐步": ["一步步"]}
    (changed,), books = reworded([text], wordings)
    if possible is None:
        assert changed.count("@{each.row}") == 1 and changed.count("@{~each.row.") == 2
        return
    found = {changed}
    for name, choices in books.items():
        found = {
            one.replace(reference, choice)
            for one in found
            for reference in [one[one.index(f"@{{{name}.") : one.index("}", one.index(f"@{{{name}.")) + 1]]
            for choice in choices
        }
    assert found == possible


def test_a_paraphrased_campaign_shares_hardly_a_run_of_words(
    plain: Made, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert shared_text(plain) > 0.3
    assert shared_text(made(tmp_path_factory, "disclosure-2026-02", 2)) < 0.12


def shared_text(world: Made) -> float:
    """Share of a prompt's runs of words that another account of the campaign sends too; median over prompts."""
    rows = world.ask(
        "SELECT account_id, prompt FROM rows JOIN marks USING (exchange_id) WHERE campaign = 'reasoning' AND harvested "
        "ORDER BY hash(exchange_id) LIMIT 400"
    )
    users: dict[tuple[str, ...], set[str]] = {}
    runs = []
    for account, prompt in rows:
        words = WORD.findall(prompt)
        runs.append([tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)])
        for run in runs[-1]:
            users.setdefault(run, set()).add(account)
    return float(np.median([np.mean([len(users[run]) > 1 for run in own]) for own in runs if own]))


def test_an_evasion_can_be_had_alone() -> None:
    cast = planned("disclosure-2026-02", evasions=("identities",))
    assert not cast.paraphrased
    assert planned("disclosure-2026-02", evasions=("paraphrase",)).paraphrased
    assert load("disclosure-2026-02", 2, ("identities",)).name == "disclosure-2026-02@2+identities"
    assert list(load("disclosure-2026-02", 2, ("identities",)).evasions) == ["residential", "paraphrase", "identities"]


@pytest.mark.parametrize(
    ("rung", "evasions", "what"), [(5, (), "no rung 5"), (-1, (), "no rung -1"), (0, ("hope",), "'hope'")]
)
def test_mistakes_are_named(rung: int, evasions: tuple[str, ...], what: str) -> None:
    with pytest.raises(BadConfiguration, match=what):
        load("disclosure-2026-02", rung, evasions)
