"""`stillwatch share export` and `key`: a draft for its owner alone, and a look at exactly what would leave."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from exports_here import SKELETON, accounts, campaign, written

Run = Callable[..., tuple[int, str, str]]
SHOWS = {"template": "T-own", "domain": "mail.example", "payment": "card-1"}
AT = ("--now", "2026-02-09")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    told = [*accounts(8, shows=SHOWS), *accounts(2, "v", role="victim"), *accounts(30, "o", role=None)]
    return written(tmp_path / "result", told, campaign(10))


def test_a_draft_is_written_and_shown(stillwatch: Run, out: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    code, said, err = stillwatch(
        "share", "export", out, "--to", "acme", "--log", out.parent / "log", "--state", state, *AT
    )
    assert code == 0 and "TLP:AMBER+STRICT" in said and "nothing was approved or sent" in err
    assert "domain-name:value" in said and "victims" in said and "2026q1:" in said
    draft = state / "drafts" / "acme.json"
    assert draft.stat().st_mode & 0o777 == 0o600 and (state / "drafts").stat().st_mode & 0o777 == 0o700
    assert json.loads(draft.read_bytes())["type"] == "bundle"
    assert sorted(path.name for path in state.rglob("*")) == ["acme.json", "drafts", "share.secret"]


def test_as_json_with_every_value_in_full(stillwatch: Run, out: Path, tmp_path: Path) -> None:
    file = tmp_path / "draft.json"
    code, said, _ = stillwatch(
        "share", "export", out, "--to", "acme", "--state", tmp_path, "--out", file, "--tlp", "green", "--json", *AT
    )
    told = json.loads(said)
    assert code == 0 and told["schema_version"] == 1 and told["approved"] is False and told["marking"] == "TLP:GREEN"
    bundle = json.loads(file.read_bytes())
    patterns = [one["pattern"] for one in bundle["objects"] if one["type"] == "indicator"]
    assert [one["pattern"] for one in told["indicators"]] == patterns and any(SKELETON in one for one in patterns)
    assert sum(told["objects"].values()) == len(bundle["objects"]) and told["bundle"] == bundle["id"]
    assert {"what": "accounts of victims, carriers and unknown roles: 2", "why": "they may be anybody's"} in told[
        "withheld"
    ]


def test_exported_again_it_keeps_what_it_was(stillwatch: Run, out: Path, tmp_path: Path) -> None:
    args = ("share", "export", out, "--to", "acme", "--state", tmp_path)
    stillwatch(*args, "--now", "2026-02-09")
    first = (tmp_path / "drafts" / "acme.json").read_bytes()
    stillwatch(*args, "--now", "2026-02-10")
    assert (tmp_path / "drafts" / "acme.json").read_bytes() == first


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (("--tlp", "purple"), 2, "TLP:AMBER+STRICT"),
        (("--campaign", "C-9"), 12, "C-1"),
        (("--to", "../acme"), 12, "letters, digits"),
        (("--atlas", "nothing.toml"), 12, "ATLAS"),
        (("--log", "nowhere"), 10, "nowhere"),
    ],
)
def test_what_cannot_be_done(
    stillwatch: Run, out: Path, tmp_path: Path, more: tuple[str, ...], code: int, says: str
) -> None:
    to = () if "--to" in more else ("--to", "acme")
    got, _, err = stillwatch("share", "export", out, *to, "--state", tmp_path / "state", *more, *AT)
    assert got == code and says in err
    assert not (tmp_path / "state" / "drafts").exists()


def test_a_draft_that_is_something_else_is_left_alone(stillwatch: Run, out: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("my notes")
    code, _, err = stillwatch("share", "export", out, "--to", "acme", "--state", tmp_path, "--out", file, *AT)
    assert code == 12 and "draft cannot be read" in err and file.read_text() == "my notes"


def test_a_partner_can_compare_with_its_key(stillwatch: Run, out: Path, tmp_path: Path) -> None:
    from stillwatch import keyfiles
    from stillwatch.pseudonyms import Pseudonyms

    stillwatch("share", "export", out, "--to", "acme", "--log", out.parent / "log", "--state", tmp_path, *AT)
    file = tmp_path / "acme.key"
    assert stillwatch("share", "key", "acme", "--out", file, "--state", tmp_path, *AT)[:2] == (
        0,
        f"acme 2026q1: {file}\n",
    )
    token = Pseudonyms(keyfiles.read(file)).token("payment", "card-1")
    assert f"[x-stillwatch:payment = '2026q1:{token}']" in (tmp_path / "drafts" / "acme.json").read_text()
    assert stillwatch("share", "key", "acme", "--out", file, "--state", tmp_path)[0] == 12, "never over another"
    assert stillwatch("share", "key", "acme", "--out", tmp_path / "b", "--epoch", "q1", "--state", tmp_path)[0] == 2
