"""`share propose`, `approve`, `release`, `withdraw` and `log` as people use them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sharing.drafts_here import draft, state, write
from tests.sharing.share_here import Done, share


def test_from_a_draft_to_a_log_that_is_checked(tmp_path: Path) -> None:
    here, file = state(tmp_path / "sharing"), write(tmp_path / "draft.json", draft("AMBER+STRICT"))
    at = ("--state", here, "--now", "2026-11-27T22:00:00Z")

    def said(*words: object) -> Done:
        return share(*words, *at)

    proposed = said("propose", file, "--to", "northwind", "--who", "Ada Ng")
    assert proposed.code == 0 and "TLP:AMBER+STRICT" in proposed.out and "Northwind AI, Inc. alone" in proposed.out
    assert "a second person looks at it" in proposed.err
    (everything,) = (here / "packages").glob("*.preview.txt")
    assert str(everything) in proposed.out and "t-9b1f0c22" in everything.read_text()
    package = everything.name[:12]

    alone = said("approve", package, "--who", "ada ng", "--reason", "mine")
    assert alone.code == 12 and "a second person approves" in alone.err
    early = said("release", package, "--as", "file", "--who", "Ada Ng", "--yes")
    assert early.code == 20 and "nobody has approved it" in early.err
    assert said("approve", package, "--who", "Ben Okoro", "--reason", "read all of it").code == 0

    dry = said("release", package, "--as", "file", "--who", "Ada Ng")
    assert dry.code == 0 and "would leave" in dry.out and "nothing has left; say --yes" in dry.err
    assert not (here / "outbox").exists()
    gone = said("release", package, "--as", "file", "--who", "Ada Ng", "--yes", "--json")
    (left,) = json.loads(gone.out)["left"]
    assert (left["to"], left["as"]) == ("northwind", "file")
    assert said("release", package, "--as", "file", "--who", "Ada Ng", "--yes").code == 20

    head = said("log", "--check")
    assert head.code == 0 and "4 lines in order" in head.err
    told = json.loads(said("log", "--json").out)
    assert told["head"] == head.out.strip() and [one["kind"] for one in told["lines"]] == [
        "proposed", "approved", "releasing", "released",
    ]  # fmt: skip
    assert told["packages"][0]["state"] == "released" and told["lines"][3]["files"] == left_hash(here)
    assert said("withdraw", package, "--who", "Ada Ng", "--reason", "wrong", "--yes").code == 0
    assert said("log", "--check", "--head", told["head"]).code == 0
    shown = said("log").out
    assert "withdrawn" in shown and "Ben Okoro" in shown

    log = here / "log.jsonl"
    whole = log.read_bytes()
    log.write_bytes(b"".join(whole.splitlines(keepends=True)[:3]))  # lines cut off at the end
    assert said("log", "--check").code == 0
    cut = said("log", "--check", "--head", told["head"])
    assert cut.code == 12 and "no line has the hash that was kept" in cut.err
    log.write_bytes(whole.replace(b"Ben Okoro", b"Bea Okoro"))
    assert said("log", "--check").code == 12


def left_hash(here: Path) -> dict[str, str]:
    import hashlib

    (file,) = (here / "outbox/northwind").glob("[!.]*.stix.json")
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()}


def test_a_partner_that_nobody_described(tmp_path: Path) -> None:
    here = state(tmp_path / "sharing")
    told = share("propose", write(tmp_path / "d.json", draft()), "--to", "acme", "--who", "Ada", "--state", here)
    assert told.code == 12 and "northwind, circle, office" in told.err
