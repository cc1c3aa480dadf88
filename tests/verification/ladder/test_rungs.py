"""Which step is asked next, and how many may be asked at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stillwatch.config import Verification
from stillwatch.evidence import Reason
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.ladder.asks import Asks, asks
from stillwatch.verification.ladder.assessed import assessments
from stillwatch.verification.ladder.case import Case, Opened, fold
from stillwatch.verification.ladder.rungs import DAY, TOP, doubts, rung
from stillwatch.verification.outcome import Outcome

NOW = 1_780_000_000.0
SETTINGS = Verification()


@pytest.mark.parametrize(
    ("likelihood", "doubted", "pathway", "batch", "passed", "steps"),
    [
        (0.1, "", "self_serve", False, "", ("email",)),
        (0.1, "mail", "self_serve", False, "", ("phone",)),
        (0.1, "mail phone", "self_serve", False, "", ("payment",)),
        (0.1, "", "self_serve", True, "", ("phone",)),
        (0.1, "payment", "self_serve", False, "", ("payment",)),
        (0.1, "", "self_serve", False, "email", ("phone",)),
        (0.4, "", "self_serve", False, "", ("phone",)),
        (0.4, "phone", "self_serve", False, "", ("payment",)),
        (0.4, "", "self_serve", False, "payment", TOP),
        (0.7, "place", "self_serve", False, "", ("payment",)),
        (0.95, "place", "self_serve", False, "", TOP),
        (0.95, "place", "self_serve", False, "identity", ()),
        (0.4, "mail", "education", False, "", ("organization",)),
        (0.4, "programme", "startup", False, "identity", ("organization",)),
        (0.4, "programme", "security_research", False, "", TOP),
        (0.4, "programme", "enterprise", False, "organization", ()),
        (0.4, "place", "education", False, "", ("phone",)),
        (None, "", "self_serve", False, "", ("email",)),
    ],
)
def test_the_lowest_step_that_answers_the_doubt(
    likelihood: float | None, doubted: str, pathway: str, batch: bool, passed: str, steps: tuple[str, ...]
) -> None:
    found = rung(likelihood, doubted.split(), pathway, batch, passed.split(), {}, NOW, SETTINGS)
    assert found.steps == steps, found.why


def test_a_step_is_not_asked_again_for_a_month() -> None:
    def asked(days: float, *steps: str) -> tuple[str, ...]:
        before = dict.fromkeys(steps, NOW - days * DAY)
        return rung(0.4, [], "self_serve", False, [], before, NOW, SETTINGS).steps

    assert asked(29, "phone") == ("payment",)
    assert asked(31, "phone") == ("phone",)
    assert asked(29, "phone", "payment", "identity") == ("organization",)
    assert asked(29, "phone", "payment", *TOP) == ()


def assessed(
    account: str, likelihood: float, *codes: str, at: float = NOW, ask: bool = True, batch: str = ""
) -> Assessment:
    reasons = tuple(Reason(code, "", 4.0, "") for code in codes)
    return Assessment(account, at, likelihood, 4.0, ask, reasons, batch)


def test_a_doubt_is_what_carries_a_share_of_the_evidence_against() -> None:
    one = replace(
        assessed("a", 0.9),
        reasons=tuple(
            Reason(code, "", bits, "")
            for code, bits in (("young_domain", 6.0), ("phone_voip", 3.0), ("place_tor", 1.0), ("mail_old", -9.0))
        ),
    )
    assert doubts(one, {"young_domain": "mail"}, SETTINGS) == {"mail", "phone"}
    assert doubts(assessed("a", 0.9), {}, SETTINGS) == frozenset()


def planned(
    *given: Assessment, history: dict[str, list[Case]] | None = None, victims: str = "", **changes: object
) -> Asks:
    settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
    of = (history or {}).get
    return asks(
        given, lambda one: of(one, []), frozenset(victims.split()), {}, lambda about: f"V-{about}", NOW, settings
    )


def case(account: str, *states: str, at: float = NOW - DAY, step: str = "payment") -> Case:
    news = [Outcome("persona", str(n), at + n, account, step, state) for n, state in enumerate(states)]
    return fold(Opened(account, account, at, (step,), at + 7 * DAY, likelihood=0.2), news, 3)


def test_a_plan_of_asks() -> None:
    plan = planned(
        assessed("calm", 0.01, ask=False), assessed("card", 0.7, "payment_shared"), assessed("farm", 0.2, batch="b"),
        assessed("stolen", 0.9), assessed("again", 0.7), assessed("shown", 0.7),
        victims="stolen", history={"again": [case("again")], "shown": [case("shown", "passed", step="organization")]},
    )  # fmt: skip
    asked = {one.account_id: (one.steps, (one.until - NOW) / DAY) for one in plan.cases}
    assert asked == {"card": (("payment",), 7.0), "farm": (("phone",), 3.0)}
    assert {who: why.split(":")[0] for who, why in plan.left} == {
        "stolen": "a victim, who is helped (stillwatch verify victims)", "again": "was asked already",
        "shown": "nothing is left to ask",
    }  # fmt: skip
    assert plan.stopped == () and plan.looked_at == 6


def test_of_a_day_that_looks_honest_only_a_share_is_asked_and_the_plan_says_so() -> None:
    calm = [assessed(f"c{n}", 0.01, ask=False) for n in range(880)]
    doubted = [assessed(f"d{n:03}", 0.2 + n / 1_000) for n in range(20)]
    certain = [assessed(f"f{n}", 0.9) for n in range(300)]
    plan = planned(*calm, *doubted, *certain)
    honest = sorted(one.account_id for one in plan.cases if one.account_id.startswith("d"))
    assert honest == [f"d{n:03}" for n in range(11, 20)], "nine of nine hundred, the likeliest"
    assert len(plan.cases) == 309
    (told,) = plan.stopped
    assert "of 900 sign-ups that look honest, 9 may be asked; 11 more" in told
    before = {one.account_id: [case(one.account_id)] for one in doubted[-9:]}
    again = planned(*calm, *doubted, *certain, history=before)
    assert not [one for one in again.cases if one.account_id.startswith("d")], "a second run has no second share"


def test_a_small_day_and_the_most_of_a_run() -> None:
    assert len(planned(*(assessed(f"d{n}", 0.2) for n in range(9))).cases) == SETTINGS.least_asked_a_day
    plan = planned(*(assessed(f"d{n}", 0.9) for n in range(9)), most_asked_a_run=4)
    assert len(plan.cases) == 4 and "4 cases are as many as one run opens" in plan.stopped[0]


def test_what_a_file_of_assessments_may_hold(tmp_path: Path) -> None:
    from collections import Counter

    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"account_id": "a", "at": "2026-11-01T00:00:00Z", "likelihood": 0.5, "asks": true, "reasons": [{"code": "mail_x", '
        '"weight": 3.0, "new": 1}]}\nb\n\n{"account_id": "c"}\n{\n{"account_id": "d", "at": 1, "likelihood": 7, "asks": true}\n'
    )
    aside: Counter[str] = Counter()
    first, second = assessments(path, aside, 0.0)
    assert isinstance(first, Assessment) and (first.account_id, first.reasons[0].code) == ("a", "mail_x")
    assert first.at == 1793491200.0 and second == "b"
    assert sum(aside.values()) == 3


@pytest.mark.parametrize(("likelihood", "kept"), [("null", 0.0), ("0.93", 0.93)])
def test_a_programme_that_is_asked_again_is_asked_for_its_own_proof(
    tmp_path: Path, likelihood: str, kept: float
) -> None:
    from collections import Counter

    path = tmp_path / "again.jsonl"
    path.write_text(
        f'{{"account_id": "a", "step": "organization", "why": "lapsed", "likelihood": {likelihood}, "pathway": "education", '
        '"deadline": "2026-12-01T00:00:00Z", "gentle": true, "after": "", "reasons": [{"code": "proof_lapsed", "text": "x", '
        '"innocent_explanation": "y"}]}\n'
    )
    aside: Counter[str] = Counter()
    (one,) = assessments(path, aside, NOW)
    assert isinstance(one, Assessment) and (one.likelihood, one.asks, one.at) == (kept, True, NOW)
    (case,) = planned(one).cases
    assert case.steps == ("organization",) and not aside
