"""`stillwatch verify pathways`, `recheck` and `domain` as a person starts them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.tables import RESULT_ACCOUNTS, RESULT_EXCHANGES
from stillwatch.verification.pathways import Proof
from stillwatch.verification.pathways.proof import line

ROOT = Path(__file__).parents[3]
AT = 1_767_225_600.0  # 1 January 2026


def verify(*words: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "stillwatch", "verify", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return done.returncode, done.stdout, done.stderr


def account(name: str, **more: Any) -> dict[str, Any]:
    told = {
        "created_at": "2025-12-01T00:00:00Z",
        "pathway": "education",
        "email": f"{name}@mit.edu",
        "status": "active",
    }
    return {"account_id": name, **told, **more}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A log of six accounts, and a result that holds two of them for a campaign's and one for a victim."""
    accounts = [
        account("caught"), account("victim"), account("calm", email_domain_since="1985-05-23T00:00:00Z"),
        account("lapsed"), account("banned", status="banned"), account("anybody", pathway="self_serve"),
        account("closed", closed_at="2026-01-20T00:00:00Z"), account("lost", created_at="never"),
    ]  # fmt: skip
    (tmp_path / "log").mkdir()
    (tmp_path / "log/accounts.jsonl").write_text("".join(json.dumps(one) + "\n" for one in accounts))
    (tmp_path / "proofs.jsonl").write_bytes(
        line(Proof("calm", "institution_login", AT, "oidc", domain="mit.edu"))
        + line(Proof("lapsed", "institution_login", AT - 200 * 86_400))
    )
    said = [("caught", "campaign", "harvester"), ("victim", "campaign", "victim"), ("calm", "clear", None)]
    said += [("banned", "campaign", "harvester"), ("anybody", "campaign", "harvester")]
    rows = [
        {"account_id": name, "campaign_id": "C-1" * (verdict == "campaign"), "score": 0.9, "verdict": verdict, "role": role,
         "reasons": []}
        for name, verdict, role in said
    ]  # fmt: skip
    exchange = {"account_id": "caught", "campaign_id": "C-1", "score": 0.5, "capability": "coding"}
    (tmp_path / "out/tables").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows, RESULT_ACCOUNTS.schema), tmp_path / "out/accounts.parquet")
    exchanges = [{"exchange_id": str(number), **exchange} for number in range(80)]
    pq.write_table(pa.Table.from_pylist(exchanges, RESULT_EXCHANGES.schema), tmp_path / "out/exchanges.parquet")
    busy = pa.table({"account_id": ["caught"], "exchanges": [100], "duty_cycle": [0.2], "days": [9]})
    pq.write_table(busy, tmp_path / "out/tables/accounts.parquet")
    return tmp_path


WHEN = ("--as-of", "2026-02-01")


def test_who_is_asked_again_as_rows_that_ask_can_take(here: Path) -> None:
    words = ("recheck", here / "log", "--result", here / "out", "--proofs", here / "proofs.jsonl", *WHEN)
    code, out, err = verify(*words, "--json", "--out", here / "ask.jsonl")
    assert code == 13 and "set aside" in err, "one account has no usable date"
    document = json.loads(out)
    assert document["schema_version"] == 1 and document["victims"] == ["victim"] and document["looked_at"] == 4
    assert [one["account_id"] for one in document["asked"]] == ["caught", "lapsed"]
    lines = [json.loads(one) for one in (here / "ask.jsonl").read_text().splitlines()]
    assert lines == document["asked"]
    assert lines[0]["likelihood"] == 0.9 and "40%" in lines[0]["why"] and lines[0]["step"] == "organization"
    assert lines[0]["deadline"] == "2026-03-03T00:00:00+00:00" and lines[1]["likelihood"] is None
    assert all(reason["innocent_explanation"] for one in lines for reason in one["reasons"])
    verify(*words, "--out", here / "ask.parquet")
    assert pq.read_table(here / "ask.parquet", columns=["account_id", "step", "why", "likelihood"]).to_pylist() == [
        {name: one[name] for name in ("account_id", "step", "why", "likelihood")} for one in lines
    ]
    code, out, err = verify(*words)
    assert (
        "caught  education  organization by 2026-03-03" in out and "innocent:" in out and "nobody has been asked" in err
    )


def test_a_result_that_is_none_and_a_file_of_another_form_are_errors(here: Path) -> None:
    code, _, err = verify("recheck", here / "log", "--result", here / "nowhere", *WHEN)
    assert code == 10 and "stillwatch scan" in err
    code, _, err = verify("recheck", here / "log", "--result", here / "out", *WHEN, "--out", here / "ask.csv")
    assert code == 12 and ".parquet" in err


def test_what_each_must_prove_is_shown_and_what_accounts_lack(here: Path) -> None:
    code, out, _ = verify("pathways", "--json")
    told = json.loads(out)["pathways"]
    assert code == 0 and [one["name"] for one in told][:2] == ["self_serve", "education"]
    assert {"code", "because", "step", "any_of"} == set(told[1]["requires"][0])
    code, out, _ = verify("pathways")
    assert code == 0 and "eligibility, no proof" in out
    code, out, _ = verify("pathways", "--check", here / "log", "--proofs", here / "proofs.jsonl", *WHEN, "--json")
    lacking = {one["account_id"]: [each["code"] for each in one["missing"]] for one in json.loads(out)["accounts"]}
    assert code == 13 and lacking["calm"] == ["reachable"]
    assert lacking["caught"] == lacking["lapsed"] == ["domain_age", "reachable", "enrolment"]
    assert set(lacking) == {"caught", "victim", "calm", "lapsed"}


def test_a_record_is_asked_for_and_found(tmp_path: Path) -> None:
    words = ("domain", "example.com", "--case", "C-17", "--key", tmp_path / "domains.key")
    code, out, _ = verify(*words)
    assert code == 0 and out.startswith("_stillwatch-challenge.example.com. IN TXT ")
    (tmp_path / "found.txt").write_text(out)
    assert verify(*words, "--records", tmp_path / "found.txt")[0] == 0
    code, out, _ = verify(
        "domain", "example.com", "--case", "C-18", *words[4:], "--records", tmp_path / "found.txt", "--json"
    )
    assert code == 1 and json.loads(out)["found"] is False
