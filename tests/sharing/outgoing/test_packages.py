"""From a draft to its leaving and back: who may do what in which order, what is refused, and what the log says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillwatch.errors import BadConfiguration, ResponseFailed, StillwatchError
from stillwatch.sharing.outgoing import log, packages, preview
from stillwatch.sharing.outgoing.partners import Partner
from stillwatch.sharing.outgoing.release import release
from stillwatch.sharing.outgoing.withdraw import withdraw
from tests.sharing.drafts_here import AT, PARTNERS, draft, of, state, write

DAY = 86_400.0


class Desk:
    """What people do, one line each; time stands still unless it is told."""

    def __init__(self, folder: Path) -> None:
        self.state, self.sent = state(folder / "sharing"), list[bytes]()
        self.draft = folder / "draft.json"

    def propose(
        self, to: str = "northwind", who: str = "Ada Ng", marking: str = "AMBER", at: float = AT, **said: Any
    ) -> str:
        write(self.draft, draft(marking, **said))
        return packages.propose(self.state, self.draft, to, who, 14, at).package

    def approve(self, package: str, who: str = "Ben Okoro", to: str = "", at: float = AT) -> None:
        packages.decide(self.state, package, to, "approved", who, "read all of it", at)

    def refuse(self, package: str, who: str = "Ben Okoro", to: str = "") -> None:
        packages.decide(self.state, package, to, "refused", who, "a skeleton names a customer", AT)

    def release(
        self, package: str, how: str = "file", to: str = "", at: float = AT, yes: bool = True, out: Path | None = None
    ) -> Any:
        return release(self.state, package, to, how, out, "Ada Ng", at, self._send, yes)

    def withdraw(self, package: str, to: str = "", yes: bool = True) -> Any:
        return withdraw(self.state, package, to, "Ada Ng", "half of it is a university's", AT, self._send, yes)

    def _send(self, partner: Partner, where: str, data: bytes) -> None:
        self.sent.append(data)

    def stands(self, package: str, at: float = AT) -> list[str]:
        chain = log.chain(self.state)
        return [one.state(at) for (name, _), one in log.standings(chain.read(), chain).items() if name == package]

    def lines(self) -> list[str]:
        return [one.row["kind"] for one in log.chain(self.state).read()]

    def outbox(self, to: str = "northwind") -> list[str]:
        return sorted(one.name for one in (self.state / "outbox" / to).glob("*"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_package_from_draft_to_partner(desk: Desk) -> None:
    package = desk.propose()
    assert desk.stands(package) == ["proposed"]
    desk.approve(package[:8])
    assert desk.stands(package) == ["approved"]
    dry = desk.release(package, yes=False)
    assert dry.files and desk.outbox() == [] and desk.lines() == ["proposed", "approved"]
    desk.release(package)
    assert desk.stands(package) == ["released"]
    left = desk.state / "outbox/northwind" / f"{package[:16]}.stix.json"
    assert json.loads(left.read_bytes()) == draft() and left.stat().st_mode & 0o077 == 0
    rows = log.chain(desk.state).read()
    assert [one.row["kind"] for one in rows] == ["proposed", "approved", "releasing", "released"]
    assert rows[3].row["files"] == {left.name: package}  # canonical JSON: the file's digest is the package's
    assert {one.row["who"] for one in rows} == {"Ada Ng", "Ben Okoro"}


REFUSED: list[tuple[str, Callable[[Desk], Any], str]] = [
    ("approved by the proposer", lambda desk: desk.approve(desk.propose(), "Ada Ng"), "a second person approves"),
    ("by the proposer in other letters", lambda desk: desk.approve(desk.propose(), " ＡＤＡ ng"), "a second person"),
    ("by nobody", lambda desk: desk.approve(desk.propose(), "  "), "nothing that can be read"),
    ("not approved", lambda desk: desk.release(desk.propose()), "nobody has approved it"),
    ("never proposed", lambda desk: desk.release("abcdef123456"), "abcdef123456"),
    ("a stranger", lambda desk: desk.propose("southwind"), "northwind, circle, office"),
    ("red", lambda desk: desk.propose(marking="RED"), "it goes by no machine"),
    ("stricter than they may get", lambda desk: desk.propose("office", marking="AMBER"), "may get TLP:GREEN at most"),
    ("strict, to a circle", lambda desk: desk.propose("circle", marking="AMBER+STRICT"), "one named organisation"),
    ("over before it began", lambda desk: desk.propose(valid_until="2026-11-01T00:00:00Z"), "was over on"),
    ("no such way", lambda desk: desk.release(desk.propose(), "pigeon"), "file, taxii, misp, csv, brief"),
    ("no collection", lambda desk: approved(desk, "taxii"), "has no collection"),
    ("lapsed", lambda desk: approved(desk, at=AT + 15 * DAY), "it lapsed on"),
]  # fmt: skip


def approved(desk: Desk, how: str = "file", at: float = AT) -> Any:
    package = desk.propose()
    desk.approve(package)
    return desk.release(package, how, at=at)


@pytest.mark.parametrize(("does", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused_leaves_no_line_that_it_left(desk: Desk, does: Callable[[Desk], Any], why: str) -> None:
    with pytest.raises(StillwatchError, match=why):
        does(desk)
    if (desk.state / log.FILE).exists():
        assert "releasing" not in desk.lines()
    assert desk.outbox() == []


def test_it_lapses_when_the_first_thing_in_it_is_over(desk: Desk) -> None:
    package = desk.propose(valid_until="2026-11-30T00:00:00Z")
    assert desk.stands(package, AT + 2 * DAY) == ["proposed"] and desk.stands(package, AT + 3 * DAY) == ["lapsed"]
    with pytest.raises(BadConfiguration, match="it is lapsed"):
        desk.approve(package, at=AT + 3 * DAY)


def test_what_was_refused_leaves_only_after_it_is_proposed_and_approved_anew(desk: Desk) -> None:
    package = desk.propose()
    desk.approve(package)
    desk.refuse(package, "Cem")
    with pytest.raises(ResponseFailed, match="it was refused"):
        desk.release(package)
    with pytest.raises(BadConfiguration, match="it is refused"):
        desk.approve(package)
    assert desk.propose() == package
    with pytest.raises(ResponseFailed, match="nobody has approved it"):
        desk.release(package)
    desk.approve(package)
    desk.release(package)
    assert desk.stands(package) == ["released"]


def test_a_proposal_stands_once(desk: Desk) -> None:
    desk.propose()
    with pytest.raises(BadConfiguration, match="it is proposed already"):
        desk.propose(who="Cem")


def test_a_package_that_was_changed_after_its_approval(desk: Desk) -> None:
    package = desk.propose()
    desk.approve(package)
    path = desk.state / packages.FOLDER / f"{package}.json"
    made = json.loads(path.read_bytes())
    of(made, "indicator")[0]["confidence"] = 99
    path.write_text(json.dumps(made))
    with pytest.raises(BadConfiguration, match="the package was changed"):
        desk.release(package)
    assert desk.lines() == ["proposed", "approved"] and desk.outbox() == []


def test_a_partner_who_may_get_less_by_then(desk: Desk) -> None:
    package = desk.propose()
    desk.approve(package)
    (desk.state / "partners.toml").write_text(PARTNERS.replace('most = "TLP:AMBER+STRICT"', 'most = "TLP:CLEAR"'))
    with pytest.raises(ResponseFailed, match="may get TLP:CLEAR at most"):
        desk.release(package)


def test_one_draft_for_two_partners_is_approved_for_each(desk: Desk) -> None:
    package = desk.propose("northwind")
    assert desk.propose("circle") == package
    with pytest.raises(BadConfiguration, match="is several packages"):
        desk.approve(package)
    desk.approve(package, to="circle")
    with pytest.raises(ResponseFailed, match="nobody has approved it"):
        desk.release(package, to="northwind")
    desk.release(package, to="circle")
    assert desk.stands(package) == ["proposed", "released"]


def test_each_way_is_gone_once(desk: Desk, tmp_path: Path) -> None:
    package = desk.propose()
    desk.approve(package)
    for how in ("file", "csv", "brief", "misp"):
        desk.release(package, how)
    stem = package[:16]
    assert desk.outbox() == [f"{stem}.{end}" for end in ("brief.html", "brief.md", "csv", "misp.json", "stix.json")]
    with pytest.raises(ResponseFailed, match="it left this way before"):
        desk.release(package)
    desk.release(package, out=tmp_path / "another")
    assert desk.lines().count("released") == 5


def test_another_file_is_never_written_over(desk: Desk, tmp_path: Path) -> None:
    package = desk.propose()
    desk.approve(package)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / f"{package[:16]}.stix.json").write_text("mine")
    with pytest.raises(ResponseFailed, match="another file stands there"):
        desk.release(package, out=tmp_path / "there")
    assert desk.stands(package) == ["may have left"]  # it errs to that side


def test_what_went_out_is_taken_back_where_it_went(desk: Desk) -> None:
    package = desk.propose()
    desk.approve(package)
    for how in ("file", "csv", "misp"):
        desk.release(package, how)
    assert len(desk.withdraw(package, yes=False)) == 3 and desk.stands(package) == ["released"]
    desk.withdraw(package)
    assert desk.stands(package) == ["withdrawn"] and desk.lines()[-7:] == ["withdrawn", *["revoking", "revoked"] * 3]
    taken = json.loads((desk.state / "outbox/northwind" / f"{package[:16]}.revoked.stix.json").read_bytes())
    before = {one["id"]: one for one in draft()["objects"]}
    for one in taken["objects"]:
        then = before[one["id"]]
        if "revoked" in one:
            assert one == {**then, "revoked": True, "modified": one["modified"]} and one["modified"] > then["modified"]
        else:
            assert one == then and one["type"] in ("marking-definition", "extension-definition", "identity")
    spared = ("identity", "extension-definition", "attack-pattern")  # nobody's, or others'
    revoked = {one["id"] for one in taken["objects"] if one.get("revoked")}
    assert revoked == {name for name, one in before.items() if "modified" in one and one["type"] not in spared}
    event = json.loads((desk.state / "outbox/northwind" / f"{package[:16]}.revoked.misp.json").read_bytes())["Event"]
    first = json.loads((desk.state / "outbox/northwind" / f"{package[:16]}.misp.json").read_bytes())["Event"]
    assert event["uuid"] == first["uuid"] and int(event["timestamp"]) > int(first["timestamp"])
    assert all(one["deleted"] for one in event["Attribute"])
    assert desk.withdraw(package) == ()
    with pytest.raises(ResponseFailed, match="it was withdrawn"):
        desk.release(package, "brief")


def test_what_a_later_package_tells_as_well_stands(desk: Desk) -> None:
    first = desk.propose()
    later = draft()
    gone = of(later, "indicator")[0]
    later["objects"] = [one for one in later["objects"] if gone["id"] not in (one["id"], one.get("source_ref"))]
    later["objects"] = [one for one in later["objects"] if one.get("sighting_of_ref") != gone["id"]]
    write(desk.draft, later)
    second = packages.propose(desk.state, desk.draft, "northwind", "Ada Ng", 14, AT).package
    for package in (first, second):
        desk.approve(package)
        desk.release(package)
    desk.withdraw(first)
    taken = json.loads((desk.state / "outbox/northwind" / f"{first[:16]}.revoked.stix.json").read_bytes())
    assert [one["type"] for one in taken["objects"] if one.get("revoked")] == [
        "indicator", "sighting", "relationship", "relationship",
    ]  # fmt: skip
    assert desk.stands(second) == ["released"]


def test_what_never_left_is_withdrawn_without_a_word_to_anybody(desk: Desk) -> None:
    package = desk.propose()
    desk.approve(package)
    assert desk.withdraw(package) == () and desk.stands(package) == ["withdrawn"] and desk.outbox() == []


TAMPERED: list[tuple[str, Callable[[list[bytes]], list[bytes]], str]] = [
    ("a line changed", lambda rows: [rows[0], rows[1].replace(b"Ben", b"Bea"), *rows[2:]], "line 3"),
    ("the last line changed to a lie", lambda rows: [*rows[:3], rows[3].replace(b"released", b"approved")], "line 4"),
    ("a line taken out", lambda rows: [rows[0], *rows[2:]], "line 2"),
    ("two lines turned", lambda rows: [rows[0], rows[2], rows[1], rows[3]], "line 2"),
    ("a line twice", lambda rows: [*rows, rows[3]], "line 5"),
    ("broken off", lambda rows: [*rows[:3], rows[3][:50]], "line 4"),
]


@pytest.mark.parametrize(("change", "where"), [row[1:] for row in TAMPERED], ids=[row[0] for row in TAMPERED])
def test_a_log_that_was_changed_says_where(
    desk: Desk, change: Callable[[list[bytes]], list[bytes]], where: str
) -> None:
    package = desk.propose()
    desk.approve(package)
    desk.release(package)
    path = desk.state / log.FILE
    rows = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join(change(rows)) + (b"" if len(change(rows)[-1]) == 50 else b"\n"))
    with pytest.raises(BadConfiguration, match=where):
        log.chain(desk.state).read()


def test_a_chain_that_was_forged_whole_still_needs_its_second_person(desk: Desk) -> None:
    """Whoever can write the file can make a new chain; what cannot follow from the lines before is told even so."""
    package = desk.propose()
    with log.chain(desk.state).writing() as writing:
        row = {"kind": "approved", "at": "2026-11-27T22:00:00+00:00", "package": package, "to": "northwind"}
        writing.append([{**row, "who": "ada ng", "why": "x"}])
    with pytest.raises(BadConfiguration, match="approved by who proposed it"):
        desk.release(package)


def test_the_preview_leaves_nothing_out(desk: Desk) -> None:
    package = desk.propose()
    bundle = packages.bundle(desk.state, package)
    told = "\n".join(preview.lines(bundle))

    def leaves(value: Any) -> list[Any]:
        if isinstance(value, dict | list) and value:
            return [leaf for one in (value.values() if isinstance(value, dict) else value) for leaf in leaves(one)]
        return [value]

    every = [leaf for one in bundle.objects for leaf in leaves(one)]
    assert len(every) == len(told.splitlines()) - len(preview.by_kind(bundle))
    assert all(json.dumps(leaf, ensure_ascii=False) in told or str(leaf) in told for leaf in every)
    short = list(preview.lines(bundle, 2))
    assert "  … and 5 more objects of this kind" in short


def test_a_preview_shows_what_would_hide(desk: Desk) -> None:
    made = draft()
    of(made, "campaign")[0]["name"] = "good\u202egnihton\x1b[2J"
    write(desk.draft, made)
    one = packages.propose(desk.state, desk.draft, "northwind", "Ada Ng", 14, AT)
    told = "\n".join(preview.lines(packages.bundle(desk.state, one.package)))
    assert "[U+202E]" in told and "\\u001b" in told and "\x1b" not in told
