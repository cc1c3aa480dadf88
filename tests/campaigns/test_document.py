"""What a campaign's document says, and what is said of a cluster that was cleared."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from stillwatch.campaigns.document import document, near_miss
from stillwatch.config import Config
from stillwatch.evidence import Campaign, Reason, Report

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
RELEASE = {
    "new_model": "m2", "released_at": NOON, "accounts": 50, "exchanges": 100, "moved": 60, "hours": 24.0,
    "mean": 0.6, "population_share": 0.1, "half_hours": 5.0, "p_value": 1e-6,
    "volume_ratio": 3.0, "population_volume_ratio": 1.2, "volume_p_value": 0.05,
}  # fmt: skip
PIVOT = {
    "at": NOON, "from_capability": "coding", "to_capability": "reasoning", "from_before": 0.9, "from_after": 0.5,
    "to_before": 0.1, "to_after": 0.4, "p_value": 0.001, "new_model": None,
}  # fmt: skip


TURNOVER = {
    "cluster_id": "G-1", "bans": 4, "starts": 5, "replaced": 3.5, "share": 0.8, "delay_hours": 4.0, "p_value": 0.01,
    "silent": 6, "stood_by": 4, "stood_by_tied": 0, "pool": 30.0, "pool_low": 10.0, "pool_high": None,
}  # fmt: skip


SWEEP = {
    "cluster_id": "G-1", "begins": NOON, "ends": datetime(2026, 2, 11, 18, tzinfo=UTC), "expected": 0.3, "p_value": 1e-9,
    "techniques": 900, "accounts": 30, "exchanges": 1000, "refused": 850,
}  # fmt: skip


def reason(code: str, weight: float, finding: str = "coordination", text: str = "") -> Reason:
    return Reason(code, text or f"{code} was seen", weight, f"ordinary {code}", finding)


TIES = [reason("shared_payment", 3.0), reason("shared_address", 1.0), reason("lockstep", 2.0)]


def written(reasons: list[Reason] | None = None, **changes: Any) -> Campaign:
    """A campaign of 1,200 accounts whose harvest is 60 percent coding, 39 reasoning and 1 chat."""
    known: dict[str, Any] = {
        "accounts": 1200,
        "judged": {"confidence": 0.8, "chance_p": 0.05},
        "totals": {"exchanges": 500, "output_tokens": 9000, "first_seen": NOON, "last_seen": NOON},
        "taken": [
            {"capability": "chat", "exchanges": 1},
            {"capability": "reasoning", "exchanges": 39},
            {"capability": "coding", "exchanges": 60},
        ],
        "elicitation": {"chain_of_thought": 0.5},
        "days": [{"day": NOON, "exchanges": 7, "accounts": 3}],
        "templates": [{"template_id": f"T-{n}", "users": 4, "exchanges": 9} for n in range(20)],
        "skeletons": {"T-0": "solve ⟨…⟩"},
        "releases": [RELEASE],
        "sweeps": [SWEEP],
        "pivots": [PIVOT],
        "successors": [
            {
                "banned_account": "a",
                "account": "b",
                "hours": 3.0,
                "likelihood": 0.9,
                "of_this": 0.7,
                "shared": "address",
                "waited_hours": 1.0,
            }
        ],
        "turnover": TURNOVER,
        "attribution": [{"actor": "X", "confidence": 0.3, "indicators": ["tls"]}],
        "roles": {"harvester": 1100, "carrier": 100},
        "detection": None,
    }
    return document("C-1", {**known, **changes}, TIES if reasons is None else reasons, NOON, Config())


@pytest.mark.parametrize(
    ("reasons", "taken", "name"),
    [
        (
            TIES,
            ["coding", "reasoning"],
            "coding and step-by-step reasoning, tied by payments, common starts, addresses",
        ),
        ([], ["judging"], "grading"),
        ([reason("shared_payment", -2.0), reason("novelty", 2.0)], ["vision"], "vision"),
        ([reason("own_template", 2.0)], [], "answers, tied by templates of their own"),
    ],
    ids=["strongest ties first", "no ties", "what speaks for innocence ties nobody", "nothing harvested"],
)
def test_a_name_in_words(reasons: list[Reason], taken: list[str], name: str) -> None:
    rows = [{"capability": one, "exchanges": 9 - place} for place, one in enumerate(taken)]
    assert written(reasons, taken=rows).name == f"1,200 accounts collecting {name}"


def test_at_most_three_ties_are_named() -> None:
    codes = ("shared_payment", "shared_device", "shared_phone", "lockstep", "succession")
    name = written([reason(code, 5.0 - place) for place, code in enumerate(codes)]).name
    assert name.endswith(", tied by payments, devices, telephone numbers")


def test_capabilities_are_shares_of_the_harvest() -> None:
    made = written()
    assert made.capabilities == [{"name": "coding", "share": 0.6}, {"name": "reasoning", "share": 0.39}], "chat is 1 %"
    assert (made.harvested_exchanges, made.exchanges) == (100, 500)


def test_release_response() -> None:
    (moved,) = written().release_response
    assert (moved.model, moved.released_at, moved.hours) == ("m2", "2026-02-10T12:00:00Z", 24.0)
    assert (moved.shift_share, moved.population_shift_share, moved.p_value) == (0.6, 0.1, 1e-6)
    assert (moved.half_hours, moved.volume_ratio, moved.population_volume_ratio) == (5.0, 3.0, 1.2)
    assert moved.volume_p_value == 0.05


def test_a_release_that_nobody_else_was_there_for_proves_nothing() -> None:
    alone = {**RELEASE, "population_share": None, "p_value": 1.0, "volume_ratio": None, "volume_p_value": None}
    (moved,) = written(releases=[alone]).release_response
    assert (moved.p_value, moved.population_shift_share) == (1.0, 0.0)


def test_pivots_name_both_capabilities_and_a_release_if_there_was_one() -> None:
    (pivot,) = written().pivots
    assert pivot == {
        "at": "2026-02-10T12:00:00Z", "from": "coding", "to": "reasoning", "share_before": 0.1, "share_after": 0.4,
        "p_value": 0.001, "from_share_before": 0.9, "from_share_after": 0.5, "release": "",
    }  # fmt: skip
    (other,) = written(pivots=[{**PIVOT, "new_model": "m2"}]).pivots
    assert other["release"] == "m2"


def test_sweeps_in_order_of_time() -> None:
    before = {**SWEEP, "begins": datetime(2026, 2, 1, tzinfo=UTC)}
    first, second = written(sweeps=[SWEEP, before]).sweeps
    assert first["from"] == "2026-02-01T00:00:00Z"
    assert second == {"from": "2026-02-10T12:00:00Z", "until": "2026-02-11T18:00:00Z", "techniques": 900, "accounts": 30,
                      "exchanges": 1000, "refused_share": 0.85, "p_value": 1e-9}  # fmt: skip


def test_a_document_from_before_there_were_sweeps_reads() -> None:
    old = Report(window={"from": "", "to": ""}, campaigns=[written()]).to_dict()
    del old["sweeps"], old["campaigns"][0]["sweeps"]
    read = Report.from_dict(old)
    assert read.sweeps == read.campaigns[0].sweeps == []


def test_successors_roles_timeline_and_templates() -> None:
    made = written()
    (one,) = made.successors
    assert (one.banned_account, one.account, one.likelihood, one.of_this) == ("a", "b", 0.9, 0.7)
    assert one.evidence.startswith("began 3.0 hours after the ban; shares with it")
    assert made.turnover is not None and (made.turnover.bans, made.turnover.pool_high) == (4, None)
    assert made.roles == {"harvester": 1100, "carrier": 100}
    assert made.timeline == [{"day": "2026-02-10", "exchanges": 7, "accounts": 3}]
    assert [one.skeleton for one in made.templates] == ["solve ⟨…⟩", *[""] * 7], "the table has all, the document few"
    assert (made.first_seen, made.detected_at, made.chance_p) == ("2026-02-10T12:00:00Z",) * 2 + (0.05,)


def test_an_empty_campaign_has_no_instants() -> None:
    totals = {"exchanges": 0, "output_tokens": 0, "first_seen": None, "last_seen": None}
    made = written(totals=totals, taken=[], days=[], templates=[], releases=[], sweeps=[], successors=[], turnover=None)
    assert (made.first_seen, made.last_seen, made.capabilities, made.timeline) == ("", "", [], [])


def test_evidence_for_and_against_the_weightiest_first() -> None:
    made = written([reason("a", 1.0), reason("b", -3.0), reason("c", 3.0)])
    assert [one.code for one in made.evidence] == ["b", "c", "a"]
    assert made.innocent_explanations[0]["explanation"] == "b was seen"


def test_a_saved_document_reads_back_the_same() -> None:
    report = Report(window={"from": "", "to": ""}, campaigns=[written()])
    assert Report.from_dict(report.to_dict()) == report


def test_a_document_of_an_earlier_version_reads() -> None:
    """Saved before volumes, half-hours and pivots were told."""
    saved = Report(window={"from": "", "to": ""}, campaigns=[written()]).to_dict()
    del saved["campaigns"][0]["pivots"]
    for name in ("half_hours", "volume_ratio", "population_volume_ratio", "volume_p_value"):
        del saved["campaigns"][0]["release_response"][0][name]
    (read,) = Report.from_dict(saved).campaigns
    assert (read.pivots, read.release_response[0].half_hours) == ([], None)


def cleared(*reasons: Reason, **scores: float) -> dict[str, Any]:
    judged = {"cluster_id": "G-1", "accounts": 1500, "confidence": 0.1, "coordination": 0.9}
    return near_miss(
        {
            "judged": {**judged, "extraction": 0.9, "fraud": 0.9, "covertness": 0.9, **scores},
            "totals": {"exchanges": 70},
        },
        reasons,
    )


def test_a_near_miss_is_explained_by_what_speaks_for_innocence() -> None:
    told = cleared(
        *TIES,
        reason("weak", -0.5, "fraud", "it is a weak excuse"),
        reason("owner", -4.0, "covertness", "one organisation answers for all"),
        reason("owner", -3.0, "fraud", "one organisation answers for all"),
        reason("age", -2.0, "fraud", "they are old customers"),
    )
    assert told["explanation"] == "One organisation answers for all; they are old customers.", "each sentence once"
    assert told["name"] == "1,500 accounts tied by payments, common starts, addresses"
    assert (told["accounts"], told["exchanges"], told["cluster_id"], told["confidence"]) == (1500, 70, "G-1", 0.1)
    assert [one["weight"] for one in told["reasons"]] == [3.0, 2.0, 1.0, -4.0, -3.0]


@pytest.mark.parametrize(
    ("lacking", "says"),
    [("extraction", "collected for training"), ("fraud", "registrations are false"), ("covertness", "is hidden")],
)
def test_without_excuses_a_near_miss_says_what_is_lacking(lacking: str, says: str) -> None:
    told = cleared(*TIES, **{lacking: 0.1})
    assert told["explanation"].startswith("Nothing says that") and says in told["explanation"]


def test_a_near_miss_tied_by_little() -> None:
    assert cleared()["name"] == "1,500 accounts tied by several weak things"
