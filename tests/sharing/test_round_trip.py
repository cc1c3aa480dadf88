"""From our scan to a partner: export, the validator of the standard, TAXII servers, the client of others, our import."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import stix2
from exports_here import accounts, campaign, written
from stix2validator import ValidationOptions, validate_string
from taxii2client.v21 import Collection, as_pages

from bench.taxii_peers.peers import COLLECTION, PASSWORD, USER, medallion
from stillwatch.readers.patterns import compared
from tests.sharing.taxii.taxii_here import OPEN, here, listening

Run = Callable[..., tuple[int, str, str]]
SHOWS = {"template": "T-own", "domain": "mail.example", "tls": "t13d1516h2_8daaf6152771_02713d6af862"}
SOURCES = '[sources.us]\nname = "Us"\ntrust = 0.9\nidentities = []\nlifetime_days = 90\nmost_a_day = 2000\n'
SEEN = datetime(2026, 12, 1, tzinfo=UTC)
Object = dict[str, Any]


@contextmanager
def theirs(folder: Path) -> Iterator[Collection]:
    with medallion(folder) as peer:
        yield Collection(f"{peer.root}collections/{COLLECTION}/", user=USER, password=PASSWORD)


@contextmanager
def ours(folder: Path) -> Iterator[Collection]:
    with here(folder) as taxii, listening(taxii.door) as address:
        yield Collection(f"{address}/exchange/collections/{OPEN.id}/", user="acme", password=taxii.secrets["acme"])


@pytest.fixture
def bundle(stillwatch: Run, tmp_path: Path) -> Object:
    told = [*accounts(12, shows=SHOWS), *accounts(2, "v", role="victim"), *accounts(30, "o", role=None)]
    out = written(tmp_path / "result", told, campaign(12, last_seen=SEEN.isoformat()), seen=SEEN)
    file = tmp_path / "draft.json"
    code, _, _ = stillwatch(
        "share", "export", out, "--to", "acme", "--state", tmp_path / "state", "--out", file, "--now", "2026-12-02"
    )
    assert code == 0
    found: Object = json.loads(file.read_bytes())
    return found


@pytest.mark.parametrize(
    ("server", "leaves_out"),
    [(ours, ()), (theirs, ("extension-definition",))],  # medallion fails at every page that has one, for everybody
)
def test_what_a_partner_gets_is_what_left(
    stillwatch: Run, bundle: Object, tmp_path: Path, server: Any, leaves_out: tuple[str, ...]
) -> None:
    assert validate_string(json.dumps(bundle), ValidationOptions(version="2.1")).is_valid
    assert len(stix2.parse(bundle, allow_custom=True).objects) == len(bundle["objects"])
    sent = [one for one in bundle["objects"] if one["type"] not in leaves_out]
    (tmp_path / "server").mkdir()
    with server(tmp_path / "server") as collection:
        status = collection.add_objects({"objects": sent})
        assert (status.status, status.failure_count) == ("complete", 0)
        got = [one for page in as_pages(collection.get_objects, per_request=7) for one in page.get("objects", ())]
    assert {one["id"]: one for one in got} == {one["id"]: one for one in sent} and len(got) == len(sent)

    partner = tmp_path / "partner"
    partner.mkdir()
    (partner / "sources.toml").write_text(SOURCES)
    (tmp_path / "got.json").write_text(json.dumps({"type": "bundle", "id": bundle["id"], "objects": got}))
    now = ("--state", partner, "--now", "2026-12-03")
    code, _, err = stillwatch("share", "import", tmp_path / "got.json", "--from", "us", "--by", "Ada", "--yes", *now)
    assert (
        code == 13 and err.count("set aside: ") == 1 and "1 rows, pattern: tells of kinds" in err
    )  # words of a template
    rows = tmp_path / "indicators.parquet"
    code, _, err = stillwatch("share", "indicators", "--out", rows, *now)
    assert code == 0, err
    shared = {value for one in sent if one["type"] == "indicator" for value in compared(one["pattern"])}
    received = {(row["type"], row["value"]) for row in pq.read_table(rows).to_pylist()}
    assert received == {one for one in shared if one[0] != "template_skeleton"} and len(received) >= 3
