"""Which exchanges were harvested."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.campaigns.attribution import WHOLE
from stillwatch.evidence import CAPABILITIES, ELICITATIONS

CODING, CHAT = CAPABILITIES.index("coding"), CAPABILITIES.index("chat")
TRACE = 2 ** ELICITATIONS.index("trace_reconstruction")
MEMBERS = [{"account_id": one, "cluster_id": "G-1", "cluster_accounts": 3, "partners": 2} for one in "abc"]


def use(number: int, account: str, template: str | None = None, **rest: Any) -> dict[str, Any]:
    base = {"capability": CODING, "elicitation": 0, "has_tools": False, "timestamp": f"2026-02-02 09:{number:02}"}
    return {**base, "exchange_id": f"x{number}", "account_id": account, "template_id": template, **rest}


def harvested(engine: Any, *uses: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """exchange → its row, when G-1 has confidence 0.5, owns prompt template T to 80 percent and system template S."""
    rows = engine.stage(
        "harvest",
        uses=list(uses),
        candidates=MEMBERS,
        own_templates=[
            {"cluster_id": "G-1", "field": "prompt", "template_id": "T", "share": 0.8},
            {"cluster_id": "G-1", "field": "system", "template_id": "S", "share": 1.0},
            {"cluster_id": "G-2", "field": "prompt", "template_id": "U", "share": 1.0},
        ],
        judged=[{"cluster_id": "G-1", "confidence": 0.5}, {"cluster_id": "G-2", "confidence": 0.9}],
    )
    return {row["exchange_id"]: row for row in rows}


def test_own_templates_of_prompts_and_system_prompts(engine: Any) -> None:
    found = harvested(
        engine,
        use(1, "a", "T"),
        use(2, "b", None, system_template_id="S"),
        use(3, "c", "U"),  # another cluster's
        use(4, "c", "V"),  # nobody's own
        use(5, "stranger", "T"),
        use(6, "c", system_template_id="T"),  # the same name in the other field
    )
    assert set(found) == {"x1", "x2"}
    assert (found["x1"]["purity"], found["x1"]["score"]) == (pytest.approx(0.8), pytest.approx(0.4))
    assert (found["x2"]["purity"], found["x2"]["capability"]) == (1.0, "coding")


@pytest.mark.parametrize(("confidence", "purity"), [(0.6, WHOLE), (0.4, None)], ids=["a campaign", "an honest group"])
def test_without_a_template_of_its_own_all_is_the_harvest(engine: Any, confidence: float, purity: float | None) -> None:
    rows = engine.stage(
        "harvest",
        uses=[use(1, "a", "U"), use(2, "b")],
        candidates=MEMBERS,
        own_templates=[{"cluster_id": "G-2", "field": "prompt", "template_id": "T", "share": 1.0}],
        judged=[{"cluster_id": "G-1", "confidence": confidence}],
    )
    assert {row["purity"] for row in rows} == ({purity} if purity else set())
    assert not any(row["framed"] for row in rows)


def test_reconstructed_traces_count_without_a_template(engine: Any) -> None:
    found = harvested(engine, use(1, "a", elicitation=TRACE), use(2, "a", elicitation=TRACE - 1))
    assert set(found) == {"x1"} and 0.5 < found["x1"]["purity"] < 1
