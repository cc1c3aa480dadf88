"""What outcomes tell scan and link: who shares a person or a refused document is tied, and who shares a company is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from stillwatch.config import Config
from stillwatch.errors import BadConfiguration
from stillwatch.run import Place, link
from stillwatch.verification.ladder import feedback
from stillwatch.verification.ladder.case import Case, Opened, fold
from stillwatch.verification.outcome import Outcome

AT = 1_780_000_000.0


def case(account: str, step: str, state: str, **facts: str) -> Case:
    event = Outcome("persona", account, AT, account, step, state, "s", facts=tuple(facts.items()))
    return fold(Opened(account, account, AT, (step,), AT + 9.0), [event], 1)


@pytest.mark.parametrize(
    ("step", "state", "facts", "kinds"),
    [
        ("identity", "passed", {"document": "d", "country": "FR"}, ["verified_identity"]),
        ("identity", "failed", {"document": "d"}, ["failed_document"]),
        ("identity", "pending", {"document": "d"}, []),
        ("identity", "passed", {}, []),
        ("organization", "passed", {"organization": "example.com"}, ["verified_organization"]),
        ("phone", "passed", {"phone": "p"}, ["verified_phone"]),
        ("phone", "failed", {"phone": "p"}, []),
    ],
)
def test_what_is_evidence(step: str, state: str, facts: dict[str, str], kinds: list[str]) -> None:
    rows = list(feedback.evidence([case("a", step, state, **facts)]))
    assert [one["kind"] for one in rows] == kinds
    assert all(one["account_id"] == "a" and one["timestamp"].endswith("Z") for one in rows)


def test_rows_are_added_once_and_those_of_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "evidence.jsonl"
    path.write_text('{"account_id": "x",  "kind": "wallet", "value": "w"}')
    rows = list(feedback.evidence([case("a", "identity", "passed", document="d")]))
    alike = ("account_id", "kind", "value")
    assert [feedback.add(tmp_path, "evidence", rows, alike) for _ in range(2)] == [1, 0]
    first, second = path.read_text().splitlines()
    assert first.startswith('{"account_id": "x",  "kind"') and json.loads(second)["value"] == "d"
    assert [feedback.take(tmp_path, "evidence", rows) for _ in range(2)] == [1, 0]
    assert path.read_text() == f"{first}\n", "rows of others stay"
    (tmp_path / "declared.parquet").write_bytes(b"")
    with pytest.raises(BadConfiguration, match=r"declared\.parquet already"):
        feedback.add(tmp_path, "declared", rows, alike)


def linked(folder: Path, cases: list[Case], people: int) -> set[tuple[str, str]]:
    folder.mkdir()
    accounts: list[dict[str, Any]] = [
        {"account_id": f"p{n}", "created_at": f"2026-01-{n % 27 + 1:02}T{n % 23:02}:00:00Z"} for n in range(people)
    ]
    (folder / "accounts.jsonl").write_text("".join(json.dumps(one) + "\n" for one in accounts))
    feedback.add(folder, "evidence", list(feedback.evidence(cases)), ("account_id", "kind", "value"))
    link(Place(folder, folder / "out"), Config())
    rows = pq.read_table(folder / "out/links.parquet").to_pylist()
    return {(one["account_a"], one["account_b"]) for one in rows}


def test_a_log_with_outcomes_beside_it_is_linked_by_them(tmp_path: Path) -> None:
    """Thirty were asked for a document; two showed the same, two others were refused with one forgery."""
    shown = {0: "same", 1: "same"}
    cases = [case(f"p{n}", "identity", "passed", document=shown.get(n, f"own {n}")) for n in range(26)]
    cases += [case(f"p{n}", "identity", "failed", document="forged") for n in (30, 31)]
    cases += [case(f"p{n}", "organization", "passed", organization="example.com") for n in range(40, 60)]
    assert linked(tmp_path / "log", cases, 80) == {("p0", "p1"), ("p30", "p31")}
