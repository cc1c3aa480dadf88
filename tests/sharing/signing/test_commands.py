"""`share keys`, `sign` and `verify` as people use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.signing import keys
from tests.sharing.share_here import share


def test_a_key_its_successor_and_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("something")
    new = ("keys", "new", "--owner", "Example AI", "--list", "ours.json")
    first = share(*new, "one.key", "--days", "400", "--now", "2026-01-01").out.strip()
    assert (tmp_path / "one.key").stat().st_mode & 0o777 == 0o600
    assert share("sign", "file", "--key", "one.key", "--now", "2026-12-01").code == 0
    share(*new, "two.key", "--days", "400", "--now", "2027-01-01")
    for number, (now, code) in enumerate((("2026-12-02", 0), ("2027-03-01", 0), ("2027-12-02", 21))):
        done = share("verify", "file", "--key", "ours.json", "--now", now)
        assert done.code == code, (number, done.err)
    assert share("sign", "file", "--key", "two.key", "--now", "2027-01-15").code == 0
    both = share("verify", "file", "--key", "ours.json", "--threshold", "2", "--now", "2027-01-20", "--json")
    assert both.code == 21  # the statement is of a day on which the second key was not yet good
    assert share("keys", "end", "ours.json", first[:12], "--now", "2027-01-20").code == 0
    lost = share("verify", "file", "--key", "ours.json", "--now", "2027-01-21")
    assert lost.code == 21 and "was ended on" in lost.err
    (tmp_path / "file").write_text("something else")
    wrong = share("verify", "file", "--key", "one.key.pub", "--now", "2027-01-21")
    assert wrong.code == 21 and "the file is not what was signed" in wrong.err
    shown = json.loads(share("keys", "show", "ours.json", "--now", "2027-01-21", "--json").out)
    assert [one["good"] for one in shown["keys"]] == [False, True]


def test_key_files(tmp_path: Path) -> None:
    path = tmp_path / "k.key"
    made = keys.new(path)
    assert keys.private(path).private_bytes_raw() == made.private_bytes_raw()
    assert keys.public(tmp_path / "k.key.pub")[0].keyid == keys.keyid(made.public_key())
    with pytest.raises(BadConfiguration, match="a name that is free"):
        keys.new(path)
    path.chmod(0o640)
    with pytest.raises(BadConfiguration, match="open to others"):
        keys.private(path)
    path.chmod(0o600)
    with pytest.raises(BadConfiguration, match="this is the private half"):
        keys.public(path)
    for text, why in (("", "no private key"), (keys.pem(made.public_key()), "no private key")):
        path.write_text(text)
        with pytest.raises(BadConfiguration, match=why):
            keys.private(path)


LISTS = [
    ("{}", "schema_version"),
    ('{"schema_version": 2, "keys": []}', "schema_version 2"),
    ('{"schema_version": 1, "keys": [{"keyid": "x"}]}', "a key has"),
    ("nothing", "keys not understood"),
    ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key"),
]


@pytest.mark.parametrize(("text", "why"), LISTS, ids=[why for _, why in LISTS])
def test_lists_that_are_none(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(BadConfiguration, match=why):
        keys.public(tmp_path / "keys.json")


def test_a_list_with_another_key_under_a_known_name(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    for number in (1, 2):
        public = keys.new(tmp_path / f"{number}.key").public_key()
        keys.add(path, keys.Key(keys.keyid(public), "Example AI", public, 0.0, 4e9))
    told = json.loads(path.read_text())
    told["keys"][0]["public_key"] = told["keys"][1]["public_key"]
    path.write_text(json.dumps(told))
    with pytest.raises(BadConfiguration, match="is not the id of its key"):
        keys.public(path)
