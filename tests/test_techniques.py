"""Techniques: what counts as one, for whom, and how they add up over hours and groups."""

from __future__ import annotations

from typing import Any

from stillwatch.evidence import ELICITATIONS
from stillwatch.techniques import FEW_SENDERS

TRACE, RATIONALE = (2 ** ELICITATIONS.index(name) for name in ("trace_reconstruction", "chain_of_thought"))


def sent(account: str, what: int, at: str = "09:00", **other: Any) -> dict[str, Any]:
    return {"exchange_id": f"{account}{what}{at}", "account_id": account, "prompt_hash": what, "elicitation": 0,
            "timestamp": f"2026-02-02 {at}", **other}  # fmt: skip


def tried(engine: Any, *uses: dict[str, Any], declared: tuple[dict[str, Any], ...] = ()) -> dict[str, tuple[int, ...]]:
    """account and hour → techniques, refused."""
    accounts = [{"account_id": name, "organization_id": f"org-{name}"} for name in {row["account_id"] for row in uses}]
    made = engine.stage("technique_hours", uses=list(uses), accounts=accounts, declared=list(declared))
    return {f"{row['account_id']} {row['hour']:%H}": (row["techniques"], row["refused"]) for row in made}


def test_what_was_refused_or_reaches_for_hidden_reasoning_is_a_technique(engine: Any) -> None:
    uses = [
        sent("a", 1, outcome="refused"),
        sent("a", 2, "09:30", elicitation=TRACE, outcome="answered"),
        sent("a", 3, "10:00", elicitation=TRACE),
        sent("b", 4, elicitation=RATIONALE, outcome="answered"),  # good practice
        sent("b", 5, outcome="limited"),
        sent("b", 6, outcome="refused", template_id="T"),  # one template is one technique, whatever fills it
        sent("b", 7, elicitation=TRACE, turn=0, reasoning_signature="s"),  # one technique, however many tokens
        sent("c", 8, elicitation=TRACE, turn=2, reasoning_signature="s"),  # an agent keeps tokens whatever it asks
        sent("c", 9),
    ]
    assert tried(engine, *uses) == {"a 09": (2, 1), "a 10": (1, 0), "c 09": (1, 0)}


def test_a_technique_counts_once_for_its_first_sender_and_not_when_it_is_passed_around(engine: Any) -> None:
    few = [sent(f"a{n}", 1, f"1{n}:00", outcome="refused") for n in range(FEW_SENDERS)]
    many = [sent(f"a{n}", 2, f"1{n}:00", outcome="refused") for n in range(FEW_SENDERS + 1)]
    again = [sent("b", 3, at, outcome=outcome) for at, outcome in (("09:00", "refused"), ("11:00", "answered"))]
    # What was answered on another try is no refusal; the technique is known by the try that was refused.
    assert tried(engine, *few, *many, *again) == {"a0 10": (1, 1), "b 09": (1, 1)}


def test_what_was_agreed_is_left_out(engine: Any) -> None:
    uses = [sent(name, n, outcome="refused") for n, name in enumerate("abcd")]
    declared = tuple(
        {"kind": kind, "id": f"org-{name}"}
        for name, kind in zip("abc", ("evaluation", "organization", "reseller"), strict=True)
    )
    assert set(tried(engine, *uses, declared=declared)) == {"c 09", "d 09"}


HOURS = [
    {"account_id": name, "hour": f"2026-02-02 {hour:02}:00", "model": "m", "exchanges": n}
    for name, hour, n in (
        ("m1", 9, 4),
        ("m2", 9, 6),
        ("m2", 10, 5),
        ("p", 9, 3),
        ("p", 10, 2),
        ("q", 9, 7),
        ("x", 9, 50),
    )
]
TRIED = [
    {"account_id": name, "hour": f"2026-02-02 {hour:02}:00", "techniques": n, "refused": n}
    for name, hour, n in (("m1", 9, 2), ("m2", 9, 3), ("p", 10, 1))
]
KNOWN: dict[str, Any] = {
    "account_hours": HOURS,
    "technique_hours": TRIED,
    "candidates": [{"account_id": name, "cluster_id": "G-1"} for name in ("m1", "m2")],
    "accounts": [{"account_id": name, "organization_id": name} for name in ("m1", "m2", "p", "q", "x")],
    "declared": [{"kind": "evaluation", "id": "x"}],
}


def test_hours_of_clusters_and_of_everybody_else(engine: Any) -> None:
    made = engine.stage("sweep_hours", **KNOWN)
    told = {
        (row["cluster_id"], f"{row['hour']:%H}"): (row["techniques"], row["sent"], row["sent_squared"]) for row in made
    }
    assert told == {
        ("G-1", "09"): (5, 10, 16 + 36), ("G-1", "10"): (0, 5, 25), ("", "09"): (0, 10, 9 + 49), ("", "10"): (1, 2, 4),
    }  # fmt: skip


def test_the_spread_is_that_of_days_of_accounts_in_no_cluster(engine: Any) -> None:
    (row,) = engine.stage("technique_spread", **KNOWN)
    assert row == {"groups": 1, "sent": 12.0, "techniques": 1.0, "sent_squared": 25.0 + 49.0,
                   "techniques_squared": 1.0, "products": 5.0}  # fmt: skip


def test_a_sweep_is_described_by_what_was_done_in_its_span(engine: Any) -> None:
    span = {"begins": "2026-02-02 09:00", "ends": "2026-02-02 10:00", "expected": 0.1, "p_value": 1e-9}
    given = [{**span, "cluster_id": "G-1"}, {**span, "cluster_id": "", "ends": "2026-02-02 11:00"}]
    made = engine.stage(
        "sweeps", sweep_windows=given, technique_hours=TRIED, account_hours=HOURS, candidates=KNOWN["candidates"]
    )
    told = {row["cluster_id"]: [row[n] for n in ("techniques", "accounts", "exchanges", "refused")] for row in made}
    assert told == {"G-1": [5, 2, 10, 5], "": [1, 1, 2, 1]}
