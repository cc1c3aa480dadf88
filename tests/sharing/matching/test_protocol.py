"""What a match finds, what it must not show, and what is refused."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.errors import StillwatchError
from stillwatch.sharing.matching import asker, epochs, group, holder, messages, sizes, tags
from stillwatch.sharing.matching.epochs import Limits
from stillwatch.sharing.matching.messages import COUNT, MATCH
from stillwatch.sharing.matching.refused import Refused
from tests.sharing.matching.matching_here import NOW, SECRET, Two, set_up, values

small = pytest.mark.usefixtures("few")
_folders = itertools.count()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing filled up beyond eight, so that a thousand points need not be made for each case."""
    monkeypatch.setattr(sizes, "LEAST", 8)
    monkeypatch.setattr("stillwatch.sharing.matching.spent.LEAST", 8)


@pytest.fixture
def two(few: None, tmp_path: Path) -> Two:
    return set_up(tmp_path / "state", values("abcde", "C-north", 0.97, "n"))


@small
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sets(st.text(max_size=12), max_size=12), st.sets(st.text(max_size=12), max_size=12),
    st.sets(st.text(max_size=12), max_size=12), st.sampled_from([MATCH, COUNT]), st.binary(min_size=32, max_size=32),
)  # fmt: skip
def test_it_finds_what_both_have_and_nothing_else(
    tmp_path: Path, ours: set[str], theirs: set[str], both: set[str], mode: str, secret: bytes
) -> None:
    two = set_up(tmp_path / str(next(_folders)), values(theirs | both, "C-north", 0.8), mode)
    answer = two.asked(values(ours | both), secret)
    common = (ours | both) & (theirs | both)
    assert (answer.asked, answer.found) == (len(ours | both), len(common))
    found = {one.account_id: one.label for one in answer.matches}
    if mode == MATCH:
        assert set(found) == {f"acct-{one}" for one in common} and len(set(found.values())) <= 1
        assert all(one.name and one.confidence == 0.8 for one in found.values())
    else:
        assert answer.matches == [] and answer.told == b""


def test_kinds_do_not_meet(two: Two) -> None:
    found = values("abc")
    found.held.update({b"payment\0" + one[6:]: held for one, held in values("abcde").held.items()})
    assert {one.kind for one in two.asked(found).matches} == {"email"}


def test_a_kind_that_the_set_has_not_is_not_asked_for(two: Two) -> None:
    found = values("abc")
    found.held.update({b"phone\0" + one[6:]: held for one, held in values("abcde").held.items()})
    assert two.asked(found).asked == 3


def test_labels_name_campaigns_to_their_holder_alone(few: None, tmp_path: Path) -> None:
    found = values("ab", "C-1", 0.9)
    found.held.update({**values("cd", "C-2", 0.6).held, **values("ef").held})
    labels = []
    for epoch in ("2026-11", "2026-12"):
        two = set_up(tmp_path, found, epoch=epoch)
        told = {one.account_id[-1]: one.label for one in two.asked(values("abcdefg")).matches}
        assert told["a"] == told["b"] != told["c"] == told["d"] and told["e"].name == "" == told["f"].name
        assert [told[one].confidence for one in "ace"] == [0.9, 0.6, 0.0] and "g" not in told
        assert holder.campaign_names(tmp_path, "south", epoch) == {"C-1": told["a"].name, "C-2": told["c"].name}
        labels.append(told["a"].name)
    assert labels[0] != labels[1], "the next epoch's names cannot be compared with this one's"


def test_a_label_cannot_be_read_without_the_value(two: Two) -> None:
    head, body = messages.read_set(two.set, "")
    width, label = (
        messages.width(head),
        bytes(tags.Label(tags.label_name(epochs.opened(two.state, "south", "2026-11").seed, "C-north"), 0.97)),
    )
    entries = messages.rows(body, width)
    assert len(entries) == 8 and entries == sorted(entries)
    sealed = [one[head.tag_bytes :] for one in entries]
    assert len(set(sealed)) == 8 and label not in sealed, "the same campaign looks another way in each entry"


def test_sizes_are_told_in_steps() -> None:
    found = {many: sizes.padded(many) for many in (0, 1, 1_024, 1_025, 1_152, 2_048, 2_049, 24_000, 1_000_000)}
    assert found == {
        0: 1_024, 1: 1_024, 1_024: 1_024, 1_025: 1_152, 1_152: 1_152, 2_048: 2_048, 2_049: 2_304, 24_000: 24_576,
        1_000_000: 1_048_576,
    }  # fmt: skip
    assert all(many <= sizes.padded(many) <= many * 1.125 for many in range(1_025, 70_000, 7))
    assert [sizes.tag_bytes(*one) for one in ((1_024, 1), (1_000_000, 100_000), (10**9, 10**9), (10**15, 10**15))] == [
        8,
        10,
        13,
        16,
    ]


def test_what_is_sent_looks_alike_whatever_is_asked(tmp_path: Path) -> None:
    """Set and request of one value and of a thousand have one length, and no value of ours is in either."""
    one, many = set_up(tmp_path / "1", values(["a@x.example"])), set_up(tmp_path / "2", values(map(str, range(1_000))))
    assert len(messages.read_set(one.set, "")[1]) == len(messages.read_set(many.set, "")[1])
    asked = [
        asker.request(one.set, values(those), SECRET, NOW, 1)
        for those in (["a@x.example"], [str(n) for n in range(1_000)])
    ]
    assert len(asked[0]) == len(asked[1]) and b"a@x.example" not in asked[0] + one.set
    points = messages.rows(messages.read_request(asked[0], "")[1], 32)
    assert points == sorted(points) and all(group.checked_point(each) for each in points)


def test_the_same_asked_twice_looks_new(two: Two) -> None:
    first, second = (asker.request(two.set, values("abc"), bytes([one]) * 32, NOW, 1) for one in (1, 2))
    both = [set(messages.rows(messages.read_request(one, "")[1], 32)) for one in (first, second)]
    assert both[0] & both[1] == set()


def test_two_holders_cannot_compare_what_they_were_asked(few: None, tmp_path: Path) -> None:
    sets = [set_up(tmp_path / one, values("abc")).set for one in "12"]
    asked = [asker.request(one, values("abc"), SECRET, NOW, 1) for one in sets]
    both = [set(messages.rows(messages.read_request(one, "")[1], 32)) for one in asked]
    assert both[0] & both[1] == set()


def test_two_epochs_of_one_set_cannot_be_compared(few: None, tmp_path: Path) -> None:
    sets = [set_up(tmp_path, values("abcde"), epoch=one).set for one in ("one", "two")]
    found = [
        {
            one[:8]
            for one in messages.rows(messages.read_set(each, "")[1], messages.width(messages.read_set(each, "")[0]))
        }
        for each in sets
    ]
    assert found[0] & found[1] == set()
    with pytest.raises(StillwatchError, match="set up already"):
        set_up(tmp_path, values("abcde"), epoch="one")


def test_a_set_up_that_was_stopped_begins_again(few: None, tmp_path: Path) -> None:
    _, seed = epochs.begin(tmp_path, "south", "2026-11")
    with pytest.raises(Refused) as problem:
        epochs.opened(tmp_path, "south", "2026-11")
    assert why(problem) == "no_epoch"
    assert set_up(tmp_path, values("abc")).asked(values("ab")).found == 2
    assert epochs.opened(tmp_path, "south", "2026-11").seed != seed


def why(problem: pytest.ExceptionInfo[Refused]) -> str:
    assert problem.value.what and problem.value.exit_code == 12
    return problem.value.code


def test_what_the_holder_refuses(two: Two) -> None:
    found = values("abc")
    request = asker.request(two.set, found, SECRET, NOW, 1)
    head, body = messages.read_request(request, "")
    other = set_up(two.state, values("abc"), epoch="2026-12").set
    point, not_one = body[:32], b"\x01" + bytes(31)

    def changed(body: bytes = body, **fields: object) -> bytes:
        return messages.write(messages.RequestHead(**{**vars(head), **fields}), body)  # type: ignore[arg-type]

    cases = {
        "malformed": [
            b"", b"what is this", request[:-1], request + b"\0", request[:20], two.set, changed(body[:-32]),
            changed(body[32:] + not_one), changed(body[32:] + bytes(32)), changed(body[32:] + b"\xff" * 32),
            changed(body[:-32] + point), changed(epoch="../2026-11"), changed(set="0" * 63), changed(points=-8),
        ],
        "no_epoch": [changed(epoch="2027-01")],
        "other_set": [changed(set="0" * 64), changed(set=messages.digest(other)), changed(holder="west")],
        "too_few": [changed(body[:32], points=1)],
    }  # fmt: skip
    for code, wrong in cases.items():
        for one in wrong:
            with pytest.raises(Refused) as problem:
                two.evaluated(one)
            assert why(problem) == code, one
    with pytest.raises(Refused) as problem:
        two.evaluated(request, "west")
    assert why(problem) == "partner"
    with pytest.raises(Refused) as problem:
        two.evaluated(request, now=NOW + 86_400)
    assert why(problem) == "over"
    assert two.spent.used("south", "2026-11") == (0, 0), "what was refused is not counted"
    two.evaluated(request)
    with pytest.raises(Refused) as problem:
        two.evaluated(request)
    assert why(problem) == "replay"
    assert two.spent.used("south", "2026-11") == (1, 8)


def test_quotas_hold_for_a_day_and_for_an_epoch_and_over_restarts(few: None, tmp_path: Path) -> None:
    two = set_up(tmp_path, values("abc"), limits=Limits(per_day=16, per_epoch=24))

    def ask(number: int, day: int) -> str:
        request = asker.request(two.set, values("abc"), bytes([number]) * 32, NOW, 1)
        try:
            holder.evaluated(tmp_path, "south", request, NOW + day * 3_600, type(two.spent)(tmp_path), 1)
        except Refused as problem:
            return problem.code
        return "answered"

    assert [ask(one, 0) for one in range(3)] == ["answered", "answered", "over_quota"]
    assert [ask(one, 23) for one in range(3, 5)] == ["answered", "over_quota"], "another day, and then the epoch's end"
    lines = [json.loads(one) for one in (tmp_path / "evaluations.jsonl").read_text().splitlines()]
    assert [one["what"] for one in lines] == ["evaluated"] * 2 + ["refused"] + ["evaluated", "refused"]
    assert {one["why"] for one in lines if one["what"] == "refused"} == {"over_quota"} and {
        one["points"] for one in lines
    } == {8}


def test_no_key_value_or_point_is_in_a_log_or_an_error(two: Two, tmp_path: Path) -> None:
    found = values(["somebody@somewhere.example"])
    request = asker.request(two.set, found, SECRET, NOW, 1)
    two.evaluated(request)
    problems = []
    for wrong in (request, request[:-1], two.set):
        with pytest.raises(Refused) as problem:
            two.evaluated(wrong)
        problems.append(str(problem.value))
    opened = epochs.opened(two.state, "south", "2026-11")
    logs = (two.state / "evaluations.jsonl").read_text() + "".join(problems) + f"{opened!r} {opened.keys()!r} {found!r}"
    secret = [opened.seed.hex(), opened.keys().secret.hex(), SECRET.hex(), "somebody"]
    secret += [one.hex() for one in messages.rows(messages.read_request(request, "")[1], 32)]
    assert [one for one in secret if one in logs.lower()] == []
    modes = {one.name: one.stat().st_mode & 0o777 for one in opened.folder.iterdir()}
    assert modes == dict.fromkeys(("key", "index.parquet", "limits.json", "set.match"), 0o600)


def test_an_answer_that_is_not_the_holders_is_not_believed(two: Two) -> None:
    found = values("abc")
    request = asker.request(two.set, found, SECRET, NOW, 1)
    reply = two.evaluated(request)
    head, points, proofs = messages.read_reply(reply, "")
    thief = tags.MATCHING.keys(bytes(32), b"")
    _, body = messages.read_request(request, "")
    stolen = [group.times(thief.secret, one) for one in messages.rows(body, 32)]
    wrong = {
        "not_proved": [
            [*points[1:], points[0]], stolen, [*points[:-1], stolen[-1]],  # another order, another key, for one alone
        ],
        "malformed": [points[:-1], [bytes(32), *points[1:]], [b"\xff" * 32, *points[1:]]],
    }  # fmt: skip
    for code, replies in wrong.items():
        for one in replies:
            told = messages.ReplyHead(head.request, len(one), 1)
            with pytest.raises(Refused) as problem:
                asker.finished(two.set, found, SECRET, messages.write(told, b"".join(one) + b"".join(proofs)), NOW, 1)
            assert why(problem) == code
    for changed in (values("ab"), values("abcd")):
        with pytest.raises(Refused) as problem:
            asker.finished(two.set, changed, SECRET, reply, NOW, 1)
        assert why(problem) == "other_request", "the log has changed since"
    with pytest.raises(Refused) as problem:
        asker.request(two.set, found, SECRET, NOW + 86_400, 1)
    assert why(problem) == "over"
    assert asker.finished(two.set, found, SECRET, reply, NOW, 1).found == 3


def test_a_set_that_was_changed_on_the_way_is_noticed(two: Two) -> None:
    """By its digest, which the request names; so a tag or label that somebody put in is never asked on."""
    changed = two.set[:-1] + bytes([two.set[-1] ^ 1])
    request = asker.request(changed, values("abc"), SECRET, NOW, 1)
    with pytest.raises(Refused) as problem:
        two.evaluated(request)
    assert why(problem) == "other_set"


@small
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_comes_is_read_or_refused(two: Two, data: st.DataObject) -> None:
    """Any byte of any message cut, changed or put in: no reader ends with another error."""
    request = asker.request(two.set, values("abc"), SECRET, NOW, 1)
    good = data.draw(st.sampled_from([two.set, request]))
    at = data.draw(st.integers(0, min(len(good) - 1, 700)))
    how = data.draw(st.sampled_from(["cut", "byte", "insert", "noise"]))
    noise = data.draw(st.binary(max_size=40))
    wrong = {
        "cut": good[:at],
        "byte": good[:at] + noise[:1] + good[at + 1 :],
        "insert": good[:at] + noise + good[at:],
        "noise": noise,
    }[how]
    for read in (
        lambda: messages.read_set(wrong, ""), lambda: messages.read_request(wrong, ""), lambda: messages.read_reply(wrong, ""),
        lambda: messages.read_told(wrong, "", 10), lambda: two.evaluated(wrong),
        lambda: asker.request(wrong, values("abc"), SECRET, NOW, 1),
        lambda: holder.told(two.state, "south", "2026-11", wrong, NOW, two.spent),
    ):  # fmt: skip
        try:
            read()
        except Refused as problem:
            assert problem.what


def test_what_is_told_shows_both_sides_the_same_values(two: Two) -> None:
    answer = two.asked(values("cdexyz", "C-south", 0.91, "s"))
    told = holder.told(two.state, "south", "2026-11", answer.told, NOW, two.spent)
    assert {one.account_id for one in told} == {"n-c", "n-d", "n-e"} and {one.campaign_id for one in told} == {
        "C-north"
    }
    assert {(one.label.name, one.label.confidence) for one in told} == {
        (asker.label_names(values("c", "C-south", 0.9), SECRET)["C-south"], 0.91)
    }


def test_nobody_can_tell_of_a_value_that_they_did_not_ask_for(two: Two) -> None:
    """The set shows all tags: without a receipt an asker could accuse whomever the holder knows."""
    head, body = messages.read_set(two.set, "")
    answer = two.asked(values("a", "C-south", 0.9))
    row = messages.read_told(answer.told, "", head.tag_bytes)[1][0]
    for place in range(head.entries):
        tag = body[place * messages.width(head) :][: head.tag_bytes]
        if tag == row[: head.tag_bytes]:
            continue
        message = messages.write(messages.ToldHead(messages.digest(two.set), 1), tag + row[head.tag_bytes :])
        with pytest.raises(Refused) as problem:
            holder.told(two.state, "south", "2026-11", message, NOW, two.spent)
        assert why(problem) == "no_receipt"


def test_an_epoch_that_has_ended_answers_nobody(two: Two) -> None:
    request = asker.request(two.set, values("abc"), SECRET, NOW, 1)
    assert epochs.end(two.state, "south", "2026-11") == ["key", "index.parquet"]
    with pytest.raises(Refused) as problem:
        two.evaluated(request)
    assert why(problem) == "ended" and epochs.end(two.state, "south", "2026-11") == []


def test_processes_find_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    theirs, ours = (list(map(str, rng.integers(0, 4_000, 2_500))) for _ in range(2))
    two = set_up(tmp_path, values(theirs))
    found = values(ours)
    request = asker.request(two.set, found, SECRET, NOW, 2)
    assert request == asker.request(two.set, found, SECRET, NOW, 1)
    answer = asker.finished(
        two.set, found, SECRET, holder.evaluated(tmp_path, "south", request, NOW, two.spent, 2), NOW, 2
    )
    assert {one.account_id for one in answer.matches} == {f"acct-{one}" for one in set(ours) & set(theirs)}
