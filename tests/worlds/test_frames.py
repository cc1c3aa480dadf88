"""Frames: every campaign writes sentences of its own, and which ones they are is up to the seed."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import BadConfiguration
from stillwatch.worlds import load, make
from stillwatch.worlds.frames import dealable, names_used, own_name, own_phrases
from stillwatch.worlds.grammar import compile_books, phrase_books, without_missing
from stillwatch.worlds.groups import ALL, owners
from stillwatch.worlds.plan import cast_of
from stillwatch.worlds.prose import seeds_for, texts

RUN = 9  # words; a Chinese character counts as one
SAMPLE = 500  # prompts a campaign: template sentences all show, chance agreements of job data do not
WORD = re.compile(r"[\u3400-\u9fff]|\w+")

BOOKS = {
    "ask": ["@{opening} @{end}"],
    "opening": ["one", "two", "three", "four"],
    "end": ["@{street}!"],
    "street": ["a", "b"],
}


def runs(prompts: list[str]) -> set[tuple[str, ...]]:
    words = [WORD.findall(text) for text in prompts]
    return {tuple(one[at : at + RUN]) for one in words for at in range(len(one) - RUN + 1)}


def parts_of(books: dict[str, list[str]], name: str, owner: str) -> set[str]:
    return set(books[own_name(name, owner, books)])


def test_shared_names_are_dealt_out_and_common_ones_stay() -> None:
    owned = own_phrases(BOOKS, ["ask", "opening", "end"], {"x": {"ask"}, "y": {"ask"}}, seed=1)
    assert owned["ask/x"] == ["@{opening/x} @{end/x}"]
    assert owned["end/x"] == owned["end/y"] == ["@{street}!"]
    assert sorted(owned["opening/x"] + owned["opening/y"]) == sorted(BOOKS["opening"])
    assert "street/x" not in owned


def test_what_one_campaign_alone_uses_is_all_its_own() -> None:
    owned = own_phrases(BOOKS, ["opening"], {"x": {"ask"}, "y": {"street"}}, seed=1)
    assert owned["opening/x"] == BOOKS["opening"]


def test_seeds_deal_differently() -> None:
    deals = {tuple(own_phrases(BOOKS, BOOKS, {"x": {"ask"}, "y": {"ask"}}, seed)["opening/x"]) for seed in range(20)}
    assert len(deals) > 3


def test_too_few_alternatives_are_named() -> None:
    with pytest.raises(BadConfiguration, match="3 campaigns share the 2 alternatives of 'street'"):
        own_phrases(BOOKS, BOOKS, {one: {"ask"} for one in "xyz"}, seed=1)


def harvests(world: str, seed: int, rows: int = 100) -> dict[str, list[str]]:
    """First and later harvest prompts of each operator, written straight from its plan."""
    books = without_missing(phrase_books(), ())
    cast = cast_of(load(world), 0.0005, seed, frozenset(books), ALL)
    grammar = compile_books(own_phrases(books, dealable(books), names_used(cast), seed))
    found: dict[str, list[str]] = {}
    for number, kind in enumerate(kind for stream in cast.streams for kind in stream.kinds if kind.owner):
        key = np.arange(rows, dtype=np.uint64) + np.uint64(1 + 10_000 * number)
        seeds = seeds_for(rows, row=key, item=key, session=key, frame=np.full(rows, kind.frame, np.uint64))
        for name in {kind.prompt, kind.follow or kind.prompt, kind.tools or kind.prompt}:
            start = np.full(rows, grammar.symbol(own_name(name, kind.owner, grammar.names)))
            found.setdefault(kind.owner, []).extend(texts(grammar, start, seeds).to_pylist())
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("world", ["disclosure-2026-02", "september-2026-07"])
def test_no_two_operators_share_a_frame_sentence(world: str, seed: int) -> None:
    written = harvests(world, seed)
    assert set(written) == owners(load(world).campaigns) - {"network"}
    for one, other in combinations(sorted(written), 2):
        # A sentence of a template comes back; an agreement by chance between two jobs does not.
        common = [runs(written[name][::2]) & runs(written[name][1::2]) for name in (one, other)]
        assert sorted(common[0] & common[1]) == [], (one, other)


def test_a_worlds_harvests_share_no_run_of_words(tmp_path: Path) -> None:
    make(tmp_path, load("disclosure-2026-02"), scale=0.0005, seed=11)
    labels = pq.read_table(tmp_path / "labels" / "exchanges.parquet")
    rows = pq.read_table(tmp_path / "log" / "exchanges", columns=["exchange_id", "prompt", "turn"])
    mine = rows.join(labels.filter(labels["harvested"]), "exchange_id", join_type="inner").sort_by("exchange_id")
    seen = {}
    for campaign in ("reasoning", "tools", "hydra"):
        prompts = mine.filter(pc.equal(mine["campaign"], campaign))["prompt"].to_pylist()
        assert len(prompts) > SAMPLE
        seen[campaign] = runs(prompts[:SAMPLE])
    for one, other in combinations(sorted(seen), 2):
        assert sorted(seen[one] & seen[other]) == [], (one, other)
