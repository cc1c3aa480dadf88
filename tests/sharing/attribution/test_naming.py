"""A name goes with a campaign after two different persons have said so on one assessment; it lapses, and can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.attribution import naming
from stillwatch.sharing.attribution.assessment import assess, document
from stillwatch.sharing.attribution.seen import Shown
from tests.sharing.attribution.made import actor, library, listed, seen

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
VALUES = [listed(kind, f"{kind}-{one}", source) for kind in ("payment", "device") for one, source in enumerate("abc")]
KNOWN = library(actor("gull", *VALUES), actor("heron"))
SAID = document(assess(seen(*(Shown(one.type, one.value, 5, 0) for one in VALUES)), KNOWN, 1))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "names.jsonl"


def propose(state: Path, who: str = "ann", now: datetime = NOW, **more: Any) -> naming.Proposed:
    given = {
        "campaign": "C-1",
        "actor": "gull",
        "reason": "cards of March",
        "assessment": SAID,
        "library": KNOWN,
        **more,
    }
    return naming.propose(state, who=who, now=now, **given)


def confirm(state: Path, who: str = "bob", now: datetime = NOW, said: dict[str, Any] = SAID) -> naming.Named:
    return naming.confirm(state, "C-1", "gull", who, "read it all", said, now)


def test_nobody_is_named_before_a_second_person_says_so(state: Path) -> None:
    assert naming.named(state, "C-1", NOW) is None and not state.exists()
    propose(state)
    assert naming.named(state, "C-1", NOW) is None
    made = confirm(state)
    assert naming.named(state, "C-1", NOW) == made
    assert (made.name, made.proposed_by, made.confirmed_by) == ("Gull", "ann", "bob")
    assert naming.named(state, "C-2", NOW) is None


@pytest.mark.parametrize("who", ["ann", " Ann ", "ANN", "Ａｎｎ", "a nn"])
def test_the_same_person_in_another_spelling_is_no_second_one(state: Path, who: str) -> None:
    propose(state)
    with pytest.raises(BadConfiguration, match="ann proposed it"):
        confirm(state, who)
    assert naming.named(state, "C-1", NOW) is None


def test_both_have_read_the_same_assessment(state: Path) -> None:
    propose(state)
    with pytest.raises(BadConfiguration, match="not the assessment that the proposal stands on"):
        confirm(state, said={**SAID, "as_of": "2026-06-09"})


def test_without_a_proposal_there_is_nothing_to_confirm(state: Path) -> None:
    with pytest.raises(BadConfiguration, match="nobody has proposed gull"):
        confirm(state)


def test_a_proposal_waits_two_weeks_and_a_name_holds_until_its_review(state: Path) -> None:
    propose(state)
    with pytest.raises(BadConfiguration, match="within 14 days"):
        confirm(state, now=NOW + naming.STANDS)
    made = confirm(state, now=NOW + timedelta(days=13))
    assert made.until == NOW + naming.REVIEW
    assert naming.named(state, "C-1", made.until - timedelta(seconds=1)) == made
    assert naming.named(state, "C-1", made.until) is None


def test_one_person_takes_it_back_and_then_it_takes_two_again(state: Path) -> None:
    propose(state)
    confirm(state)
    naming.undo(state, "C-1", "gull", "cid", "the cards were stolen", NOW)
    assert naming.named(state, "C-1", NOW) is None
    with pytest.raises(BadConfiguration, match="nobody has proposed"):
        confirm(state)
    propose(state, "bob")
    assert confirm(state, "ann").proposed_by == "bob"


def test_a_second_name_waits_until_the_first_is_undone(state: Path) -> None:
    propose(state)
    confirm(state)
    with pytest.raises(BadConfiguration, match="C-1 is named already: gull"):
        propose(state, "cid")


REFUSED = [
    ({"actor": "heron"}, "very unlikely|almost no chance|unlikely"),
    ({"actor": "unknown"}, "no actor 'unknown'"),
    ({"campaign": "C-2"}, "the assessment is of C-1"),
    ({"who": "  "}, "nobody is named"),
    ({"reason": ""}, "there is no reason"),
    ({"until": NOW + timedelta(days=400)}, "holds for a time"),
    ({"until": NOW}, "holds for a time"),
    ({"assessment": {"campaign_id": "C-1"}}, "this is no assessment"),
    ({"library": library()}, "no actor 'gull' in the library"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "why"), REFUSED, ids=[why for _, why in REFUSED])
def test_what_cannot_be_proposed(state: Path, more: dict[str, Any], why: str) -> None:
    with pytest.raises(BadConfiguration, match=why):
        propose(state, **more)
    assert naming.standing(state, "C-1", NOW) == naming.Standing()


def test_a_line_that_was_changed_is_noticed(state: Path) -> None:
    propose(state)
    confirm(state)
    state.write_bytes(state.read_bytes().replace(b'"ann"', b'"eve"', 1))
    with pytest.raises(BadConfiguration, match="it does not follow from the line before"):
        naming.named(state, "C-1", NOW)
