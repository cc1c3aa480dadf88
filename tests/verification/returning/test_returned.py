"""A log folder and a result: who began later, their first exchanges whatever the order of files, and the command."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from templates_here import FRAME, table
from typer.testing import CliRunner

from stillwatch import tables
from stillwatch.cli import app
from stillwatch.config import Config
from stillwatch.errors import NothingToRead
from stillwatch.pseudonyms import load_key
from stillwatch.verification.carried_on import carried_on
from stillwatch.verification.lists import Lists
from stillwatch.verification.reading import SignupReader
from stillwatch.verification.returning.returned import Asked, returned

START = datetime(2026, 3, 1, tzinfo=UTC)
LOOK = START + timedelta(days=10)


def hours(number: float) -> datetime:
    return LOOK + timedelta(hours=number)


def rows(account: str, first: float, texts: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "exchange_id": f"{account}-{first}-{n}",
            "account_id": account,
            "timestamp": hours(first + n / 60),
            "prompt": text,
        }
        for n, text in enumerate(texts)
    ]


OWN = [FRAME.format(f" number {n} of the pile") for n in range(12)]
PLAIN = [f"what is the {n}th prime after {n * 7}" for n in range(12)]
GONE = hours(1)
REGISTERED = [
    {
        "account_id": "lost",
        "created_at": START,
        "banned_at": hours(1),
        "payment_fingerprint": "card",
        "device_fingerprint": "d",
    },
    {"account_id": "member", "created_at": START, "payment_fingerprint": "card", "device_fingerprint": "d"},
    *({"account_id": f"s{n}", "created_at": START, "payment_fingerprint": f"own{n}"} for n in range(500)),
    {"account_id": "back", "created_at": hours(2), "payment_fingerprint": "card", "device_fingerprint": "d"},
    {"account_id": "mate", "created_at": hours(2), "payment_fingerprint": "card"},
    {"account_id": "silent", "created_at": hours(3), "payment_fingerprint": "card"},
    {"account_id": "old", "created_at": START, "payment_fingerprint": "card"},
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    log, out = tmp_path / "log", tmp_path / "out"
    (log / "exchanges").mkdir(parents=True)
    (out / "tables").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(REGISTERED, schema=tables.LOG_ACCOUNTS.schema), log / "accounts.parquet")
    late = rows("back", 5, PLAIN) + rows("mate", 3, PLAIN) + rows("old", 4, OWN)
    early = rows("back", 3, OWN) + rows("old", -5, PLAIN[:1])
    for name, part in (("a", late), ("b", early)):  # the later ones come first
        pq.write_table(pa.Table.from_pylist(part), log / f"exchanges/{name}.parquet")
    _result(out)
    return tmp_path


def _result(out: Path) -> None:
    spoke = ["lost", "member", *(f"s{n}" for n in range(500))]
    members = ("lost", "member")
    write(out / "accounts.parquet", [
        {"account_id": name, "campaign_id": "C-1" if name in members else None, "role": "harvester", "verdict": "campaign"}
        for name in spoke
    ])  # fmt: skip
    write(out / "tables/accounts.parquet", [
        {"account_id": name, "exchanges": 40, "first_seen": START, "day_one_share": 0.5 if name in members else 0.1}
        for name in spoke
    ])  # fmt: skip
    write(out / "tables/account_values.parquet", [
        {"account_id": "lost", "kind": "shared_address", "value": "line/2026-03-02"},
        {"account_id": "lost", "kind": "client_build", "value": "a/b/1"},
    ])  # fmt: skip
    found = table(("C-1", FRAME.format("")))
    pq.write_table(found, out / "templates.parquet")
    name = found["template_id"][0].as_py()
    write(out / "tables/account_templates.parquet", [
        {"account_id": who, "field": "prompt", "template_id": name, "exchanges": 30} for who in members
    ])  # fmt: skip
    (out / "campaigns.json").write_text(json.dumps({"window": {"from": "", "to": LOOK.isoformat()}}))


def write(path: Path, found: list[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist(found), path)


def asked(place: Path, **more: Any) -> Asked:
    return Asked(place / "log", place / "out", **more)


def test_newcomers_are_judged_at_each_stage_and_only_they(place: Path) -> None:
    found = returned(asked(place), Config(), hours(100))
    stages: dict[str, list[int]] = {}
    for one in found.judged:
        stages.setdefault(one.account_id, []).append(one.exchanges)
    assert stages == {"back": [0, 10, 24], "mate": [0, 10, 12], "silent": [0]}
    last = {one.account_id: one for one in found.judged}
    assert {name for name, one in last.items() if one.linked(Config().returns)} == {"back"}
    assert (last["back"].campaign, last["back"].account) == ("C-1", "lost")
    assert [one["account_id"] for one in found.document["accounts"]] == ["back"]
    assert found.rows.schema == tables.RESULT_RETURNING.schema


def test_the_first_exchanges_are_the_earliest_whatever_file_they_are_in(place: Path) -> None:
    told = {one.account_id: one for one in returned(asked(place), Config(), hours(100)).judged if one.exchanges == 10}
    assert any("10 of its first 10 exchanges" in reason.text for reason in told["back"].reasons)


def test_rows_appended_later_change_nothing_that_was_said(place: Path) -> None:
    until = hours(3.15)  # the tenth exchange of both
    before = returned(asked(place, until=until), Config(), hours(100)).judged
    late = rows("back", 60, OWN) + rows("mate", 60, OWN)
    pq.write_table(pa.Table.from_pylist(late), place / "log/exchanges/c.parquet")
    more = [
        *REGISTERED,
        {"account_id": "x", "created_at": hours(50), "banned_at": hours(51), "payment_fingerprint": "card"},
    ]
    more = [{**one, "banned_at": hours(70)} if one["account_id"] == "member" else one for one in more]
    pq.write_table(pa.Table.from_pylist(more, schema=tables.LOG_ACCOUNTS.schema), place / "log/accounts.parquet")
    assert returned(asked(place, until=until), Config(), hours(100)).judged == before
    assert {one.exchanges for one in before} == {0, 10}


def test_a_victim_is_nobodys_predecessor(place: Path) -> None:
    path = place / "out/accounts.parquet"
    found = [{**one, "role": "victim"} for one in pq.read_table(path).to_pylist()]
    write(path, found)
    assert all(one.account is None for one in returned(asked(place), Config(), hours(100)).judged)


def test_what_is_missing_is_named(place: Path) -> None:
    (place / "out/tables/account_values.parquet").unlink()
    with pytest.raises(NothingToRead, match=r"account_values\.parquet"):
        returned(asked(place), Config(), hours(100))


def test_the_command(place: Path) -> None:
    rows_at = place / "rows.parquet"
    words = ["verify", "returning", str(place / "log"), "--result", str(place / "out"), "--quiet"]
    shown = CliRunner().invoke(app, [*words, "--out", str(rows_at)])
    assert shown.exit_code == 0 and "back continues C-1 (banned account lost)" in shown.stdout
    assert "innocent: a family" in shown.stdout and "nothing was done" in shown.stdout
    assert pq.read_table(rows_at).num_rows == 7
    told = json.loads(CliRunner().invoke(app, [*words, "--json", "--first", "10"]).stdout)
    assert (told["schema_version"], told["linked"], told["hindsight"]) == (1, 1, False)
    hindsight = json.loads(CliRunner().invoke(app, [*words, "--json", "--since", "2026-03-05"]).stdout)
    assert hindsight["hindsight"]


def test_a_sign_up_is_held_against_closed_accounts_as_it_comes(place: Path) -> None:
    keys = load_key(place / "out.key", {})
    reader, of = SignupReader(keys, Lists.load()), carried_on(place / "log", place / "out", keys, Config(), hours(100))
    bits = {row["account_id"]: of(reader.read(row)) for row in REGISTERED if row["account_id"] in ("back", "old", "s1")}
    assert bits["back"][0] > 3.0 and {"shared_payment", "shared_device"} <= {one.code for one in bits["back"][1]}
    assert bits["old"] == bits["s1"] == (0.0, ())  # before the result's look: that would be hindsight


def test_what_it_carries_on_is_among_the_reasons(place: Path) -> None:
    words = ["verify", "assess", str(place / "log"), "--result", str(place / "out"), "--config"]
    (place / "low.toml").write_text("[signups]\nasks_from = 0.0")  # so that reasons are told of all of them
    told = json.loads(CliRunner().invoke(app, [*words, str(place / "low.toml"), "--json"]).stdout)
    codes = {one["account_id"]: {reason["code"] for reason in one["reasons"]} for one in told["asked"]}
    assert "shared_device" in codes["back"] and "shared_device" not in codes["member"]
