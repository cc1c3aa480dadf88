"""A scan from end to end: every file of the contract, no identifier and no text in any, nothing from the future."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from stories import START

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.evidence import CAPABILITIES, ELICITATIONS, FINDINGS, ROLES, VERDICTS
from stillwatch.run import Place, link, scan

LINK_COLUMNS = ["account_a", "account_b", "kind", "weight", "value_pseudonym"]


@pytest.mark.parametrize(
    "name, declared", [("accounts", tables.RESULT_ACCOUNTS), ("exchanges", tables.RESULT_EXCHANGES)]
)
def test_tables_of_the_contract(ring: Any, name: str, declared: tables.Table) -> None:
    found = pq.read_table(ring.out / f"{name}.parquet")
    assert found.schema.names == declared.names
    assert [field.type for field in found.schema] == [column.type for column in declared.columns]
    assert all(found[column.name].null_count == 0 for column in declared.columns if column.required)


def test_every_account_seen_is_in_the_answer(ring: Any) -> None:
    accounts = pq.read_table(ring.out / "accounts.parquet")
    logged = set(pq.read_table(ring.log / "accounts.parquet")["account_id"].to_pylist())
    assert accounts["account_id"].to_pylist() == sorted(logged)
    rows = accounts.to_pylist()
    assert {row["verdict"] for row in rows} <= set(VERDICTS) and {row["role"] for row in rows} <= {None, *ROLES}
    assert all(0 <= row["score"] <= 1 for row in rows)
    assert all((row["campaign_id"] is not None) == (row["verdict"] == "campaign") for row in rows)
    assert all(row["reasons"] for row in rows if row["verdict"] != "clear")
    assert all(one["text"] and one["innocent_explanation"] for row in rows for one in row["reasons"])


def test_attributed_exchanges_are_of_accused_accounts(ring: Any) -> None:
    exchanges = pq.read_table(ring.out / "exchanges.parquet").to_pylist()
    accused = {
        row["account_id"]: row["campaign_id"] for row in pq.read_table(ring.out / "accounts.parquet").to_pylist()
    }
    assert exchanges and all(row["campaign_id"] == accused[row["account_id"]] for row in exchanges)
    assert len({row["exchange_id"] for row in exchanges}) == len(exchanges)
    assert {row["capability"] for row in exchanges} <= set(CAPABILITIES)
    assert all(0 < row["score"] <= 1 for row in exchanges)


def test_links(ring: Any) -> None:
    links = pq.read_table(ring.out / "links.parquet")
    assert links.schema.names == LINK_COLUMNS and len(links)
    assert links.schema.field("weight").type == pa.float64()
    assert pc.all(pc.less(links["account_a"], links["account_b"])).as_py()


def test_campaigns_document(ring: Any) -> None:
    document = json.loads((ring.out / "campaigns.json").read_bytes())
    assert document["schema_version"] == 1 and set(document["window"]) == {"from", "to"}
    (campaign,) = document["campaigns"]
    assert set(campaign["findings"]) == set(FINDINGS)
    for finding in campaign["findings"].values():
        assert 0 <= finding["score"] <= 1 and finding["inference"]
    assert 0 <= campaign["confidence"] <= 1 and set(campaign["elicitation"]) == set(ELICITATIONS)
    assert {one["name"] for one in campaign["capabilities"]} <= set(CAPABILITIES)
    for name in ("campaign_id", "name", "first_seen", "last_seen", "detected_at", "recommended_response"):
        assert campaign[name], name
    assert campaign["accounts"] == sum(campaign["roles"].values())
    for one in campaign["evidence"]:
        assert {"code", "text", "weight", "query"} <= set(one)
    assert all({"explanation", "weighed"} == set(one) for one in campaign["innocent_explanations"])
    assert campaign["first_seen"] <= campaign["last_seen"] <= document["window"]["to"]


def test_the_planted_template_is_shown_with_slots(ring: Any) -> None:
    (campaign,) = ring.outcome.report.campaigns
    skeletons = [one.skeleton for one in campaign.templates]
    assert any("Write out your full reasoning process" in one and "⟨…⟩" in one for one in skeletons)


def test_a_page_for_a_person(ring: Any) -> None:
    page = (ring.out / "report.html").read_text(encoding="utf-8")
    assert ring.outcome.report.campaigns[0].campaign_id in page and "<html" in page


def words_of(path: Path) -> str:
    """Every text in a file of the result folder; of Parquet, every distinct text in any column."""
    if path.suffix != ".parquet":
        return path.read_bytes().decode("utf-8", "replace")
    texts: list[str] = []
    for column in pq.read_table(path).columns:
        if pa.types.is_string(column.type):
            texts += (one for one in pc.unique(column).to_pylist() if one is not None)
        elif pa.types.is_nested(column.type):
            texts.append(
                repr(pc.unique(column).to_pylist() if not pa.types.is_list(column.type) else column.to_pylist())
            )
    return "\n".join(texts)


def test_no_identifier_and_no_prompt_is_in_the_result(ring: Any) -> None:
    accounts = pq.read_table(ring.log / "accounts.parquet").slice(0, 60).to_pylist()  # the ring, and some people
    direct = [one.name for one in tables.LOG_ACCOUNTS.columns if one.direct_identifier]
    secrets = {row[name] for row in accounts for name in direct if row[name]}
    exchanges = pq.read_table(ring.log / "exchanges/part-0.parquet", columns=["client_ip", "prompt"])
    secrets |= set(pc.unique(exchanges["client_ip"]).to_pylist()[:60])
    for prompt in exchanges["prompt"].to_pylist()[::150]:
        content = prompt.partition("Problem: ")[2] or prompt
        secrets.add(" ".join(content.split()[1:6]))
    for path in sorted(ring.out.rglob("*")):
        if path.is_file():
            found = words_of(path)
            leaked = [secret for secret in secrets if secret in found]
            assert not leaked, f"{path.name}: {leaked[:3]}"


def test_skeletons_are_bounded(ring: Any) -> None:
    assert all(len(one.skeleton) <= 1_200 for campaign in ring.outcome.report.campaigns for one in campaign.templates)


def answer(path: Path) -> list[str]:
    """Rows as text, in any order; sums of floats on two cores differ in their last digits."""
    return sorted(repr(rounded(row)) for row in pq.read_table(path).to_pylist())


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, 6) if isinstance(value, float) else value


def test_two_runs_give_the_same_answer(ring: Any, tmp_path: Path) -> None:
    key = ring.out.with_name(f"{ring.out.name}.key")
    again = scan(Place(ring.log, tmp_path / "out", key=key), Config())
    for name in ("accounts", "exchanges", "links"):
        first, second = (answer(out / f"{name}.parquet") for out in (ring.out, tmp_path / "out"))
        assert first == second, name
    ids = [[one.campaign_id for one in outcome.report.campaigns] for outcome in (ring.outcome, again)]
    assert ids[0] == ids[1]


def test_another_key_gives_other_pseudonyms(ring: Any, tmp_path: Path) -> None:
    link(Place(ring.log, tmp_path / "out"), Config())
    cards = [
        set(pq.read_table(out / "tables/registered.parquet")["payment_fingerprint"].to_pylist())
        for out in (ring.out, tmp_path / "out")
    ]
    assert len(cards[0]) == len(cards[1]) and not cards[0] & cards[1]


def test_as_of_reads_nothing_later(ring: Any, tmp_path: Path) -> None:
    as_of = START + timedelta(days=3, hours=5)
    log = tmp_path / "log"
    shutil.copytree(ring.log, log)
    accounts = pq.read_table(log / "accounts.parquet").to_pylist()
    accounts[0] |= {"status": "banned", "banned_at": as_of + timedelta(days=1)}
    accounts[1] |= {"status": "banned", "banned_at": as_of - timedelta(days=1)}
    accounts.append({"account_id": "later", "created_at": as_of + timedelta(hours=1), "status": "active"})
    schema = pq.read_schema(log / "accounts.parquet")
    pq.write_table(pa.Table.from_pylist(accounts, schema=schema), log / "accounts.parquet")
    outcome = scan(Place(log, tmp_path / "out", as_of=as_of), Config())
    assert outcome.report.window["to"] <= as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
    for path in [*(tmp_path / "out").glob("*.parquet"), *(tmp_path / "out/tables").glob("*.parquet")]:
        found = pq.read_table(path)
        for field in found.schema:
            if pa.types.is_timestamp(field.type) and len(found):
                latest = pc.max(found[field.name]).as_py()
                assert latest is None or latest.replace(tzinfo=UTC) <= as_of, f"{path.name}: {field.name}"
    standing = {row["account_id"]: row for row in pq.read_table(tmp_path / "out/tables/accounts.parquet").to_pylist()}
    assert "later" not in standing
    assert (standing[accounts[0]["account_id"]]["status"], standing[accounts[1]["account_id"]]["status"]) == (
        "active", "banned",
    )  # fmt: skip
