"""Files signed by `share sign` and imported: whose signature counts, and where one has to be."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.sharing.incoming.told_here import bundle, indicator
from tests.sharing.share_here import Done, share

SOURCES = """
[sources.north]
trust = 0.7
keys = "north.json"
signed = true
[sources.lax]
trust = 0.7
keys = "north.json"
[sources.unkeyed]
trust = 0.7
"""
FIRST, LATER = "2026-11-20", "2027-01-10"  # of the second, the first key is over
EVERYBODY = ("north", "lax", "unkeyed")


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bundle, the keys of its source in succession, and somebody else's key."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sources.toml").write_text(SOURCES)
    (tmp_path / "told.json").write_bytes(bundle(indicator("one", "v", valid_until="2027-06-01T00:00:00Z")))
    for name, listed, now in (("old", "north", "2026-11-01"), ("new", "north", "2026-12-20"), ("evil", "evil", FIRST)):
        share("keys", "new", f"{name}.key", "--owner", listed, "--list", f"{listed}.json", "--days", "60", "--now", now)
    return tmp_path


def keyid(name: str, number: int = 0) -> str:
    return str(json.loads(Path(f"{name}.json").read_text())["keys"][number]["keyid"])


def sign(key: str, now: str = FIRST, *more: str) -> None:
    assert share("sign", "told.json", "--key", f"{key}.key", "--days", "30", "--now", now, *more).code == 0


def taken(source: str, now: str = FIRST, *more: str) -> Done:
    return share("import", "told.json", "--from", source, "--state", ".", "--by", "me", "--yes", "--now", now, *more)


def held() -> int:
    if not Path("received.db").exists():
        return 0
    with sqlite3.connect("received.db") as store:
        return int(store.execute("SELECT count(*) FROM received_documents").fetchone()[0])


def codes(now: str = FIRST) -> dict[str, int]:
    return {one: taken(one, now).code for one in EVERYBODY}


def test_who_signed_is_kept_and_shown(there: Path) -> None:
    sign("old")
    done = taken("north")
    assert done.code == 0 and f"signed by {keyid('north')[:16]}" in done.out
    told = json.loads(share("received", "--state", ".", "--now", FIRST, "--json").out)
    (value,), (document,) = told["values"], told["documents"]
    assert value["witnesses"][0]["signed_by"] == document["signed_by"] == [keyid("north")]
    assert "Signed by" in share("received", "--state", ".", "--now", FIRST).out


def test_without_a_signature(there: Path) -> None:
    assert codes() == {"north": 21, "lax": 0, "unkeyed": 0}
    told = json.loads(share("received", "--state", ".", "--now", FIRST, "--json").out)
    assert [one["signed_by"] for one in told["documents"]] == [[], []]


def test_of_another_key(there: Path) -> None:
    """Refused whatever `signed` says; who has no keys cannot tell, and is told so."""
    sign("evil")
    assert codes() == {"north": 21, "lax": 21, "unkeyed": 0} and held() == 1
    assert "not looked into" in taken("unkeyed").err
    sign("old")  # beside the other's signature: one of the source's own is enough
    assert taken("north").code == 0


def test_changed_after_it_was_signed(there: Path) -> None:
    sign("old")
    told = there / "told.json"
    told.write_bytes(told.read_bytes().replace(b"'v'", b"'w'"))
    done = taken("north")
    assert (done.code, taken("lax").code, held()) == (21, 21, 0) and "not what was signed" in done.err


def test_a_signature_that_is_over(there: Path) -> None:
    sign("old")
    assert [taken("north", now).code for now in ("2026-12-19", "2026-12-21")] == [0, 21]


def test_keys_that_follow_each_other(there: Path) -> None:
    """Signed with the old key while it was good, then with the new one; what a lost key signed counts no more."""
    sign("old", "2026-12-25")
    assert taken("north", LATER).code == 0  # the old key is over, and was good when it signed
    (there / "told.json.dsse.json").unlink()
    sign("old", LATER)
    assert taken("north", LATER).code == 21
    (there / "told.json.dsse.json").unlink()
    sign("new", LATER)
    assert taken("north", LATER).code == 0
    share("keys", "end", "north.json", keyid("north", 1)[:12], "--now", LATER)
    assert (taken("north", LATER).code, taken("lax", LATER).code) == (21, 21)


def test_a_signature_elsewhere(there: Path) -> None:
    sign("old", FIRST, "--out", "elsewhere.json")
    assert taken("north").code == 21
    assert taken("north", FIRST, "--signature", "elsewhere.json").code == 0
    assert taken("lax", FIRST, "--signature", "nowhere.json").code == 21
    assert taken("unkeyed", FIRST, "--signature", "elsewhere.json").code == 12
    assert taken("north", FIRST, "--signature", "elsewhere.json", "told.json").code == 2  # one signature, two files
