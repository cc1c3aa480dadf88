"""`stillwatch verify domain` and `declare`: who is verified is proposed, a person says so, and it can be undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stillwatch.config import Reading
from stillwatch.pseudonyms import load_key
from stillwatch.readers import open_sides
from stillwatch.verification.ladder import Cases, Opened
from stillwatch.verification.outcome import Outcome

Run = Callable[..., tuple[int, str, str]]
AT = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
DAY = 86_400.0  # seconds
FOREIGN = '{"kind": "reseller",  "id": "org_9", "owner": "us"}\n'
ANNA = ("--by", "anna", "--why", "spoke to their IT")


class Desk:
    """Accounts a and b of org_1, d of org_2 and e of nobody; an open case of each, named as the account is."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder, self._run, self.log = folder, run, folder / "log"
        self.log.mkdir()
        of = {"a": "org_1", "b": "org_1", "d": "org_2", "e": None}
        rows = [{"account_id": one, "organization_id": organization} for one, organization in of.items()]
        (self.log / "accounts.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
        (self.log / "declared.jsonl").write_text(FOREIGN)
        with self.store() as store:
            for one in of:
                store.open_case(Opened(one, one, AT - DAY, ("organization",), AT + 20 * DAY))

    def store(self) -> Cases:
        return Cases(self.folder / "cases.db", load_key(self.folder / "cases.db.key", {}))

    def news(self, case: str, state: str, at: float, reason: str = "", **facts: str) -> None:
        with self.store() as store:
            told = Outcome(
                "oidc", f"{case}{at}", at, case, "organization", state, f"s{case}", reason, tuple(facts.items())
            )
            assert store.record(told, at) == "recorded"

    def says(self, name: str, *arguments: object, now: str = "2026-03-02") -> tuple[int, Any, str]:
        of = {"declare": ("--out", self.log), "outcomes": ("--out", self.log)}.get(name, ())
        rows = ("--responses", self.folder / "responses.jsonl") if name in ("declare", "due") else ()
        day = () if name == "outcomes" else ("--now", now)
        store = ("--cases", self.folder / "cases.db")
        code, out, err = self._run("verify", name, *arguments, *of, *rows, *day, *store, "--json")
        return code, json.loads(out) if out else None, err

    def proposed(self, now: str = "2026-03-02") -> dict[str, tuple[str, int]]:
        """What is shown for each organisation, and how many accounts it has."""
        found = self.says("declare", now=now)[1]["proposed"]
        return {one["organization"]: (one["owner"], one["accounts"]) for one in found}

    def declared(self) -> dict[str, str]:
        """As a scan reads it: who answers for each that is declared."""
        table = open_sides(self.log, Reading(), datetime.now(UTC)).table("declared")[0]
        return dict(zip(table["id"].to_pylist(), table["owner"].to_pylist(), strict=True))


@pytest.fixture
def desk(tmp_path: Path, stillwatch: Run, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("STILLWATCH_KEY", raising=False)
    return Desk(tmp_path, stillwatch)


def test_nobody_is_declared_before_a_person_says_so(desk: Desk) -> None:
    for case in ("a", "b", "e"):
        desk.news(case, "passed", AT, organization="example.com")
    desk.says("outcomes", "--yes")
    assert desk.declared() == {"org_9": "us"} and desk.proposed() == {"org_1": ("example.com", 2)}
    assert desk.says("declare", "org_1", *ANNA)[1]["carried_out"] is False
    assert desk.declared() == {"org_9": "us"} and not (desk.folder / "responses.jsonl").exists(), (
        "a plan writes nothing"
    )

    for _ in range(2):
        assert desk.says("declare", "org_1", *ANNA, "--yes")[0] == 0
        assert desk.declared() == {"org_9": "us", "org_1": "example.com"} and desk.proposed() == {}
    (row,) = [json.loads(one) for one in (desk.folder / "responses.jsonl").read_text().splitlines()]
    assert (row["key"], row["what"], row["why"]) == ("declare:org_1:1", "declare", "anna: spoke to their IT")
    assert row["expires_at"] == "2027-04-05T00:00:00Z", "400 days after it was verified"
    assert row["case"] in ("a", "b") and row["undo"].startswith("stillwatch verify declare --undo")


def test_it_ends_by_a_persons_word_and_by_itself(desk: Desk) -> None:
    desk.news("a", "passed", AT, organization="example.com")
    desk.says("declare", "org_1", *ANNA, "--yes")
    assert desk.says("due", "--undo", "declare:org_1:1", "--why", "x")[0] == 12
    assert desk.says("declare", "--undo", "declare:org_1:1", "--by", "kim", "--why", "a shell", "--yes")[0] == 0
    assert desk.declared() == {"org_9": "us"} and desk.proposed() == {"org_1": ("example.com", 2)}
    desk.says("declare", "org_1", *ANNA, "--yes")
    assert desk.declared() == {"org_9": "us", "org_1": "example.com"}, "and is said again"
    assert desk.says("declare", "--yes", now="2027-04-06")[1]["proposed"] == []
    assert (desk.log / "declared.jsonl").read_text() == FOREIGN


def test_a_pass_that_is_taken_back_is_shown_and_one_that_is_newer_is_proposed(desk: Desk) -> None:
    desk.news("a", "passed", AT, organization="example.com")
    desk.says("declare", "org_1", *ANNA, "--yes")
    desk.news("a", "failed", AT + DAY / 2, "revoked")
    (standing,) = desk.says("declare")[1]["declared"]
    assert standing["verified_no_longer"] is True and desk.declared()["org_1"] == "example.com", "a person ends it"
    desk.news("b", "passed", AT + DAY / 2, organization="example.org")
    assert desk.proposed() == {"org_1": ("example.org", 2)}


def test_a_domain_passes_a_case_and_declares_nobody(desk: Desk) -> None:
    words = ("example.com", "--case", "d", "--key", desk.folder / "domains.key")
    asked = desk.says("domain", *words)[1]
    (desk.folder / "found.txt").write_text(asked["value"])
    found = (*words, "--records", desk.folder / "found.txt")
    assert desk.says("domain", *found)[1]["recorded"] is False and desk.proposed() == {}
    assert desk.says("domain", *found, "--yes")[1]["recorded"] is True
    assert desk.says("domain", *found, "--yes")[1]["recorded"] is False, "once"
    assert desk.proposed() == {"org_2": ("example.com", 1)} and desk.declared() == {"org_9": "us"}
    (desk.folder / "found.txt").write_text("another value")
    assert desk.says("domain", "example.org", *found[1:], "--yes")[0] == 1
    assert desk.says("domain", "example.com", "--case", "nobody's", "--key", desk.folder / "domains.key")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("org_2", *ANNA), "nothing is proposed for 'org_2'"),
        (("org_1",), "by nobody"),
        (("org_1", "--by", "anna"), "by nobody"),
        (("--undo", "declare:org_1:1", *ANNA), "nothing is declared by the key"),
    ],
)
def test_mistakes_are_12(desk: Desk, arguments: tuple[str, ...], told: str) -> None:
    desk.news("a", "passed", AT, organization="example.com")
    code, out, err = desk.says("declare", *arguments, "--yes")
    assert (code, out) == (12, None) and told in err and desk.declared() == {"org_9": "us"}
