"""Sign-ups at the door are remembered, also after a restart in the middle of a line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stillwatch.config import Config
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.verification.assesses import Unreadable
from stillwatch.verification.assessor import Assessor
from stillwatch.verification.at_the_door import AtTheDoor
from stillwatch.verification.lists import Lists
from stillwatch.verification.reading import SignupReader

NOW, DAY = 1_790_000_000.0, 86_400.0


@cache
def lists() -> Lists:
    return Lists.load()


def door(journal: Path, now: float = NOW) -> AtTheDoor:
    return AtTheDoor(SignupReader(Pseudonyms(b"k" * 32), lists()), Assessor(Config(), lists()), journal, 28.0, now)


def row(number: int, **told: Any) -> dict[str, Any]:
    return {
        "account_id": f"{number}",
        "email": f"mark.fox{number}@gmail.com",
        "payment_fingerprint": "one card",
        **told,
    }


def test_what_was_learned_is_known_after_a_restart(tmp_path: Path) -> None:
    first = door(tmp_path / "journal")
    for number in range(30):
        first.assess(row(number), NOW + number)
    for number in range(20):
        first.learn(f"{number}", "banned", NOW + 100)
    said = first.assess(row(30), NOW + 200)
    first.close()
    again = door(tmp_path / "journal", NOW + 300)
    assert again.remembered == 31
    assert again.assess(row(30), NOW + 400).likelihood == pytest.approx(said.likelihood, abs=0.05)
    assert again.assess(row(31), NOW + 400).likelihood > 0.1
    assert door(tmp_path / "other", NOW).assess(row(31), NOW).likelihood < 0.1


def test_whoever_is_to_be_asked_since_is_asked_after_a_stop_and_once(tmp_path: Path) -> None:
    first = door(tmp_path / "journal")
    for number in range(30):
        first.assess(row(number), NOW + number)
    for number in range(20):
        first.learn(f"{number}", "banned", NOW + 100)
    for number in range(30, 36):
        first.assess(row(number), NOW + 100)
    raised = first.raised(NOW + 101)
    accounts = [one.account_id for one in raised]
    assert len(accounts) > 1 and all(one.asks for one in raised) and not first.raised(NOW + 102)
    first.asked(accounts[0], NOW + 103)
    first.close()  # as a kill does: whatever was told is in the journal
    again = door(tmp_path / "journal", NOW + 200)
    assert again.raised(NOW + 201) == raised[1:] and not again.raised(NOW + 202)
    for account in accounts[1:]:
        again.asked(account, NOW + 203)
    again.close()
    assert not door(tmp_path / "journal", NOW + 300).raised(NOW + 301)


def test_half_a_line_is_passed_over(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    first = door(journal)
    for number in range(3):
        first.assess(row(number), NOW)
    first.close()
    journal.write_bytes(journal.read_bytes()[:-20])
    assert door(journal).remembered == 2


def test_what_is_older_than_the_window_is_forgotten(tmp_path: Path) -> None:
    first = door(tmp_path / "journal")
    first.assess(row(1), NOW)
    first.close()
    assert door(tmp_path / "journal", NOW + 29 * DAY).remembered == 0
    assert (tmp_path / "journal").read_bytes() == b""


def test_the_journal_has_pseudonyms_alone(tmp_path: Path) -> None:
    first = door(tmp_path / "journal")
    first.assess(row(1, phone="+4915112345678", signup_ip="84.130.1.7"), NOW)
    first.close()
    text = (tmp_path / "journal").read_text()
    assert not [one for one in ("mark.fox", "one card", "15112345678", "84.130.1.7") if one in text]
    assert (tmp_path / "journal").stat().st_mode & 0o077 == 0


def test_a_row_that_is_no_sign_up_names_its_field(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as problem:
        door(tmp_path / "journal").assess({"email": "a@b.example"}, NOW)
    assert problem.value.field == "account_id"
