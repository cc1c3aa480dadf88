"""From a question to a proof and back: `verify recheck, ask, outcomes, pathways`, with news as a webhook or a login has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.pseudonyms import load_key
from stillwatch.tables import RESULT_ACCOUNTS
from stillwatch.verification.ladder import Cases
from stillwatch.verification.outcome import Outcome
from stillwatch.verification.pathways import Proof
from stillwatch.verification.pathways.proof import line

Run = Callable[..., tuple[int, str, str]]
DAY = 86_400.0  # seconds


def instant(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


class Programmes:
    """A log with accounts of programmes, their cases and their proofs."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder, self._run = folder, run
        self.log, self.proofs, self.asks = folder / "log", folder / "proofs.jsonl", folder / "ask.jsonl"
        self.store = ("--cases", folder / "cases.db")
        self.log.mkdir()
        (folder / "out").mkdir()
        pq.write_table(pa.Table.from_pylist([], RESULT_ACCOUNTS.schema), folder / "out/accounts.parquet")

    def accounts(self, **pathways: str) -> None:
        told = {
            "created_at": "2024-01-01T00:00:00Z",
            "status": "active",
            "verification": "email",
            "payment_country": "DE",
        }
        since = {"email_domain_since": "1985-05-23T00:00:00Z"}
        rows = [
            {"account_id": name, "pathway": pathway, "email": f"{name}@mit.edu", **since, **told}
            for name, pathway in pathways.items()
        ]
        (self.log / "accounts.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))

    def says(self, name: str, *arguments: object) -> Any:
        code, out, err = self._run("verify", name, *arguments, "--json")
        assert code == 0, err
        return json.loads(out)

    def again(self, day: str) -> dict[str, list[str]]:
        """Who is asked again, and why."""
        words = ("--result", self.folder / "out", "--proofs", self.proofs, "--as-of", day, "--out", self.asks)
        found = self.says("recheck", self.log, *words)["asked"]
        return {one["account_id"]: sorted({each["code"] for each in one["reasons"]}) for one in found}

    def asked(self, day: str) -> dict[str, str]:
        """Cases that the rows of the last recheck open, by account."""
        found = self.says("ask", self.asks, *self.store, "--now", day, "--yes")["asked"]
        return {one["account_id"]: one["case"] for one in found}

    def lacks(self, day: str) -> dict[str, tuple[list[str], list[str]]]:
        """Requirements that nothing shown answers, and kinds that wait for a person."""
        found = self.says("pathways", "--check", self.log, "--proofs", self.proofs, "--as-of", day)["accounts"]
        return {one["account_id"]: ([each["code"] for each in one["missing"]], one["unread"]) for one in found}

    def outcomes(self, *more: object) -> Any:
        return self.says("outcomes", "--out", self.log, *self.store, "--proofs", self.proofs, *more)

    def news(self, vendor: str, case: str, day: str, step: str, state: str, reason: str = "", **facts: str) -> None:
        at = instant(day)
        with Cases(self.folder / "cases.db", load_key(self.folder / "cases.db.key", {})) as store:
            told = Outcome(vendor, f"{case}{at}", at, case, step, state, f"s{case}", reason, tuple(facts.items()))
            assert store.record(told, at) == "recorded"


@pytest.fixture
def here(tmp_path: Path, stillwatch: Run, monkeypatch: pytest.MonkeyPatch) -> Programmes:
    monkeypatch.delenv("STILLWATCH_KEY", raising=False)
    return Programmes(tmp_path, stillwatch)


def test_a_login_becomes_a_proof_lapses_is_asked_for_again_and_is_taken_back(here: Programmes) -> None:
    here.accounts(student="education", stranger="education")
    here.proofs.write_bytes(
        b"".join(line(Proof(one, "institution_login", instant("2025-01-01"))) for one in ("student", "stranger"))
    )
    assert here.again("2025-09-01") == {"student": ["proof_lapsed"], "stranger": ["proof_lapsed"]}
    by = here.asked("2025-09-01")
    here.news("oidc", by["student"], "2025-09-02", "organization", "passed", organization="mit.edu", issuer="google")
    here.news("oidc", by["stranger"], "2025-09-02", "organization", "passed", organization="shell.example")
    before = here.proofs.read_bytes()
    assert here.outcomes()["added"]["proofs"] == 0 and here.proofs.read_bytes() == before, "a plan writes nothing"
    (written,) = here.outcomes("--yes")["proofs"]
    assert written == {
        "account_id": "student", "kind": "institution_login", "at": instant("2025-09-02"), "by": "oidc", "case": by["student"],
        "organization": "mit.edu", "domain": "mit.edu", "domain_listed": True, "payment_country": "DE",
        "domain_since": instant("1985-05-23"),
    }  # fmt: skip
    assert here.outcomes("--yes")["added"]["proofs"] == 0, "nor is it written twice"
    assert here.lacks("2025-09-03") == {"stranger": (["enrolment"], [])}, (
        "a login at a company of his own is no enrolment"
    )
    assert here.again("2025-09-03") == {"stranger": ["proof_lapsed"]}

    assert here.again("2026-03-02")["student"] == ["proof_lapsed"], "180 days later"
    by = here.asked("2026-03-02")
    here.news("oidc", by["student"], "2026-03-03", "organization", "passed", organization="mit.edu")
    here.outcomes("--yes")
    assert "student" not in here.again("2026-03-04")
    here.news("oidc", by["student"], "2026-03-05", "organization", "failed", "revoked")
    assert here.outcomes("--yes")["added"]["proofs"] == 1
    assert here.again("2026-03-06")["student"] == ["proof_revoked"]
    assert here.lacks("2026-03-06")["student"] == (["enrolment"], [])


def test_an_identity_and_a_document_that_waits_for_a_person(here: Programmes) -> None:
    here.accounts(finder="security_research", owner="self_serve")
    names = here.folder / "names"
    names.write_text("finder\nowner\n")
    by = {
        one["account_id"]: one["case"]
        for one in here.says("ask", names, *here.store, "--now", "2026-01-01", "--yes")["asked"]
    }
    for account in by.values():
        here.news("persona", account, "2026-01-02", "identity", "passed", document="X1")
        here.news("provider", account, "2026-01-03", "organization", "passed", published_work="CVE-2025-1")
    here.outcomes("--yes")
    kept = [json.loads(one) for one in here.proofs.read_text().splitlines()]
    assert [(one["account_id"], one["kind"]) for one in kept] == [
        ("finder", "identity_document"), ("finder", "published_work")
    ]  # fmt: skip
    assert "X1" not in here.proofs.read_text() and "CVE" not in here.proofs.read_text()
    assert here.lacks("2026-02-01") == {"finder": (["work"], ["published_work"])}
    with here.proofs.open("a") as file:
        file.write(json.dumps({**kept[1], "reviewed_by": "kim"}) + "\n")
    assert here.lacks("2026-02-01") == {}


def test_proofs_are_json_lines(here: Programmes, stillwatch: Run) -> None:
    code, _, err = stillwatch(
        "verify", "outcomes", "--out", here.log, *here.store, "--proofs", here.folder / "proofs.csv"
    )
    assert code == 12 and ".jsonl" in err
