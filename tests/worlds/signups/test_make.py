"""A world of sign-ups on disk: the contract's columns, labels that stay outside, seeds that decide everything."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from stillwatch import tables
from stillwatch.cli import app
from stillwatch.errors import BadConfiguration
from stillwatch.worlds.signups import make, rungs
from stillwatch.worlds.signups.groups import ALL
from worlds.signups.conftest import SCALE, SEED, Made


def test_columns_are_the_contracts(patient: Made) -> None:
    for name, table in (("accounts", tables.LOG_SIGNUPS), ("declared", tables.LOG_DECLARED)):
        schema = pq.read_schema(patient.folder / "log" / f"{name}.parquet")
        assert [(one.name, one.type) for one in schema] == [(c.name, c.type) for c in table.columns]


def test_sizes_and_groups(patient: Made) -> None:
    assert (patient.summary.honest, patient.summary.fraudulent) == (240_000 * SCALE, 24_000 * SCALE)
    assert set(patient.summary.accounts) == {*ALL, "operators", "bought"}
    assert sum(patient.summary.operators.values()) == patient.summary.fraudulent
    document = json.loads((patient.folder / "labels" / "world.json").read_text())
    assert document["operators"] == patient.summary.operators and document["rung"] == 3


def test_rows_are_in_the_order_of_time_and_ids_tell_nothing(patient: Made) -> None:
    rows = pq.read_table(patient.folder / "log" / "accounts.parquet", columns=["account_id", "created_at"])
    times = rows["created_at"].to_pylist()
    assert times == sorted(times)
    ids = rows["account_id"].to_pylist()
    assert len(set(ids)) == len(ids) == 5_280 and ids != sorted(ids)


def test_a_seed_decides_everything(tmp_path: Path) -> None:
    for name, seed in (("a", SEED), ("b", SEED), ("c", SEED + 1)):
        make(tmp_path / name, scale=0.003, seed=seed, rung=2)
    for path in ("log/accounts", "log/declared", "labels/accounts"):
        first, again, other = ((tmp_path / name / f"{path}.parquet").read_bytes() for name in "abc")
        assert first == again != other


def test_times_are_in_order(patient: Made, crude: Made) -> None:
    for world in (patient, crude):
        assert world.one("SELECT count(*) FROM rows WHERE banned_at < created_at OR closed_at < created_at") == 0
        assert world.one("SELECT count(*) FROM rows WHERE first_exchange < created_at") == 0
        assert world.one("SELECT count(*) FROM rows WHERE first_exchange > banned_at") == 0
        assert world.one("SELECT count(*) FROM rows WHERE email_domain_since > created_at") == 0
        assert world.one("SELECT count(*) FROM rows WHERE email_since > created_at") == 0


def test_what_one_value_tells_is_the_same_for_all_that_have_it(patient: Made, crude: Made) -> None:
    for world in (patient, crude):
        for key, told in (
            ("payment_fingerprint", "payment_issuer"),
            ("payment_fingerprint", "payment_country"),
            ("payment_fingerprint", "payment_funding"),
            ("email_domain", "email_domain_since"),
        ):
            many = f"SELECT 1 FROM rows WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(DISTINCT {told}) > 1"
            query = f"SELECT count(*) FROM ({many})"
            assert world.one(query) == 0, (key, told)
        assert world.one("SELECT count(*) - count(DISTINCT email) FROM rows WHERE email IS NOT NULL") == 0


def test_a_rung_keeps_what_it_does_not_change() -> None:
    ladder = rungs()
    assert [one["name"] for one in ladder] == ["crude", "residential", "own identities", "patient"]
    assert ladder[3]["shared_devices"] == ladder[2]["shared_devices"] < ladder[1]["shared_devices"]
    assert ladder[1]["burst"] == ladder[0]["burst"]


@pytest.mark.parametrize(("scale", "rung", "what"), [(0.0, 0, "scale"), (1.5, 0, "scale"), (0.01, 4, "no rung 4")])
def test_mistakes_are_named(tmp_path: Path, scale: float, rung: int, what: str) -> None:
    with pytest.raises(BadConfiguration, match=what):
        make(tmp_path, scale=scale, seed=SEED, rung=rung)


def test_the_command_writes_and_tells(tmp_path: Path) -> None:
    words = ["worlds", "signups", str(tmp_path), "--scale", "0.001", "--seed", "253", "--rung", "1", "-q", "--json"]
    answer = json.loads(CliRunner().invoke(app, words).stdout)
    assert (answer["schema_version"], answer["rung"], answer["fraudulent"]) == (1, 1, 24)
    rows = pq.read_metadata(Path(answer["log"]) / "accounts.parquet").num_rows
    assert rows == answer["honest"] + answer["fraudulent"] > 250


def test_progress_counts_to_its_end(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    make(tmp_path, scale=0.001, seed=SEED, rung=0, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (len(ALL) + 2, len(ALL) + 2) and [done for done, _ in seen] == sorted(done for done, _ in seen)
