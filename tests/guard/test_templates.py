"""Templates as a fact: which message fits whose, when nobody asks, and that a fit alone acts on nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from guard_here import NOW, policy, rule
from templates_here import FRAME, LOOKED, SHARED, table, write

from stillwatch.errors import BadConfiguration
from stillwatch.fitting import Templates, templates
from stillwatch.guard.guard import Guard
from stillwatch.guard.known import Known
from stillwatch.guard.registered import Registered

SLOT = "A train leaves at nine and another one at ten; where do they meet?"
OWN = [("C-1", FRAME.format("")), (None, SHARED.format(""))]
TODAY = NOW.timestamp()


def known(found: Templates | None, *watched: str) -> Known:
    return Known("", {one: {"account.verdict": "watch"} for one in watched}, {}, Registered.nothing(), templates=found)


def guard(folder: Path, when: str, found: Templates | None, *watched: str) -> Guard:
    return Guard(policy(folder, rule(when=when, do="log")), {}, known(found, *watched), b"secret", TODAY)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (FRAME.format(SLOT), ["C-1"]),
        (FRAME.format(SLOT * 900), ["C-1"]),  # 60,000 characters: both ends are looked at
        (FRAME.format(SLOT).upper(), ["C-1"]),
        (f"{'x ' * 40_000}{FRAME.format(SLOT)}{'y ' * 40_000}", []),  # in the middle, where a scan does not look either
        (SLOT, []),
        (SHARED.format(SLOT), []),  # of others
        (f"{SHARED.format('')} {SHARED.format('')} {FRAME.format('')[:90]}", []),  # of others rather
        ("", []),
        ("\ud800", []),  # half an emoji
        (f"\ud800{FRAME.format(SLOT)}", ["C-1"]),
    ],
)
def test_which_texts_fit(tmp_path: Path, text: str, fits: list[str]) -> None:
    found = templates(write(tmp_path, OWN))
    assert found is not None and found.fitting(text) == fits


def test_only_what_the_last_look_found(tmp_path: Path) -> None:
    before = table(("C-1", SHARED.format("")), at=LOOKED.replace(day=1))
    found = templates(write(tmp_path, before, table(("C-2", FRAME.format("")))))
    assert found is not None and (found.fitting(SHARED.format(SLOT)), found.fitting(FRAME.format(SLOT))) == (
        [],
        ["C-2"],
    )


def test_results_that_know_none(tmp_path: Path) -> None:
    assert templates(tmp_path) is None, "of a scan before templates were written down"
    assert templates(write(tmp_path, [])) is None
    assert templates(write(tmp_path, [(None, FRAME)])) is None, "of others alone"


@pytest.mark.parametrize("metadata", [None, {b"stillwatch": b"{"}, {b"stillwatch": b'{"text": {"letters": 1}}'}])
def test_templates_of_unknown_settings_are_not_guessed_at(tmp_path: Path, metadata: Any) -> None:
    pq.write_table(table(*OWN).replace_schema_metadata(metadata), tmp_path / "templates.parquet")
    with pytest.raises(BadConfiguration, match="without the settings"):
        templates(tmp_path)


@pytest.mark.parametrize(
    ("when", "account", "text", "applies"),
    [
        ('account.verdict == "watch" && request.templates.size() > 0', "w", FRAME.format(SLOT), True),
        ('account.verdict == "watch" && request.templates.size() > 0', "w", SLOT, False),
        ('account.verdict == "watch" && request.templates.size() > 0', "other", FRAME.format(SLOT), False),
        ('"C-1" in request.templates', "other", FRAME.format(SLOT), True),
        ('"C-2" in request.templates', "other", FRAME.format(SLOT), False),
    ],
)
def test_a_rule_may_ask(tmp_path: Path, when: str, account: str, text: str, applies: bool) -> None:
    one = guard(tmp_path, when, templates(write(tmp_path, OWN)), "w")
    assert bool(one.decide({}, account, "", TODAY, lambda: text).live) is applies


def test_a_message_is_not_looked_for_unless_a_rule_asks(tmp_path: Path) -> None:
    def never() -> str:
        raise AssertionError

    found = templates(write(tmp_path, OWN))
    for one in (guard(tmp_path, "account.score > 0.5", found), guard(tmp_path, "request.templates.size() > 0", None)):
        one.decide({}, "a", "", TODAY, never)
        assert one.counts == {"passed": 1}


def test_a_message_that_cannot_be_told_is_unknown_and_other_rules_go_on(tmp_path: Path) -> None:
    made = policy(tmp_path, rule(id="a", when="request.templates.size() > 0", do="log"), rule(id="b", when="true"))
    one = Guard(made, {}, known(templates(write(tmp_path, OWN))), b"secret", TODAY)
    found = one.decide({}, "a", "", TODAY, lambda: [][0])
    assert found.shadow == ("b",) and one.counts["no text: IndexError"] == 1


@pytest.mark.parametrize("do", ["refuse", "drop_logprobs", {"slow_down": {"per_minute": 60}}])
@pytest.mark.parametrize(
    "when",
    ["request.templates.size() > 0", '"C-1" in request.templates && request.logprobs', 'request.templates != [""]'],
)
def test_a_fit_alone_acts_on_nobody(tmp_path: Path, when: str, do: Any) -> None:
    with pytest.raises(BadConfiguration, match=r"request\.templates alone"):
        policy(tmp_path, rule(when=when, do=do))
    assert policy(tmp_path, rule(when=f'account.verdict == "watch" && {when}', do=do)).rules
    assert policy(tmp_path, rule(when=when, do="log")).rules
