"""The registry: whatever is changed in it is found, several processes write it, and a crash takes nothing that was promised."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.watermark import registry
from stillwatch.safeguards.watermark.keys import ALL, Epoch, MarkKey, Secret

SECRET = Secret(bytes(32))
WEEK = Epoch(604_800, 1_209_600)
AFTER = 1_300_000.0  # seconds since 1970, when the week is over
SCOPES = (ALL, "C-1", "C-2")


def key(scope: str = ALL, when: Epoch = WEEK) -> MarkKey:
    return SECRET.key(scope, when)


def made(path: Path) -> Path:
    """Three commitments and one key shown."""
    registry.commit(path, [(key(scope), {"rules": [scope]}) for scope in SCOPES], 700_000.0)
    registry.show(path, key("C-1"), AFTER)
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_commitment_tells_what_for_and_why_and_not_the_key(tmp_path: Path) -> None:
    path = tmp_path / "new" / "marks.jsonl"
    assert registry.commit(path, [(key("C-1"), {"rules": ["mark"], "confidence": 0.97})], 700_000.5) == 1
    assert rows(path) == [{
        "kind": "commit", "at": "1970-01-09T02:26:40.500000+00:00", "scope": "C-1", "from": "1970-01-08T00:00:00+00:00",
        "until": "1970-01-15T00:00:00+00:00", "commitment": key("C-1").commitment,
        "why": {"rules": ["mark"], "confidence": 0.97}, "before": "0" * 64,
    }]  # fmt: skip
    assert key("C-1").key not in path.read_text() and path.stat().st_mode & 0o777 == 0o600


def test_what_was_committed_to_is_not_committed_to_again(tmp_path: Path) -> None:
    path = made(tmp_path / "marks.jsonl")
    before = path.read_bytes()
    assert registry.commit(path, [(key(scope), {}) for scope in SCOPES], 800_000.0) == 0
    assert path.read_bytes() == before
    assert registry.commit(path, [(key(ALL, WEEK.next()), {})], 800_000.0) == 1
    assert path.read_bytes().startswith(before)


def test_each_line_has_the_hash_of_the_line_before(tmp_path: Path) -> None:
    raw = made(tmp_path / "marks.jsonl").read_bytes().splitlines()
    told = ["0" * 64, *(hashlib.sha256(line).hexdigest() for line in raw)]
    assert [json.loads(line)["before"] for line in raw] == told[:-1]
    assert [one.hash for one in registry.read(tmp_path / "marks.jsonl")] == told[1:]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_bit_that_is_changed_is_found_but_in_the_last_line_of_a_chain_nobody_published(
    tmp_path: Path, place: int, bit: int
) -> None:
    path = tmp_path / "marks.jsonl"
    path.unlink(missing_ok=True)
    head = registry.read(made(path))[-1].hash
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 1 << bit
    path.write_bytes(data)
    try:
        found = registry.read(path)
    except BadConfiguration:
        return
    assert head not in [one.hash for one in found], "told by the hash of the last line, once that is published"
    assert place % len(data) >= data.rstrip(b"\n").rfind(b"\n"), "only what nothing follows may be changed unseen"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(order=st.lists(st.integers(0, 3), min_size=1, max_size=5).filter(lambda one: one != [0, 1, 2, 3][: len(one)]))
def test_lines_that_are_left_out_doubled_or_moved_are_found(tmp_path: Path, order: list[int]) -> None:
    path = tmp_path / "marks.jsonl"
    path.unlink(missing_ok=True)
    lines = made(path).read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[one] for one in order))
    with pytest.raises(BadConfiguration, match="not as it was written"):
        registry.read(path)


@given(size=st.integers(1, 100))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
def test_a_line_that_a_crash_broke_off_is_taken_away_by_the_next_writer(tmp_path: Path, size: int) -> None:
    path = tmp_path / "marks.jsonl"
    path.unlink(missing_ok=True)
    whole = made(path).read_bytes()
    path.write_bytes(whole + whole[:size])
    with pytest.raises(BadConfiguration, match="broken off"):
        registry.read(path)
    registry.commit(path, [(key(ALL, WEEK.next()), {})], AFTER)
    assert path.read_bytes().startswith(whole) and len(registry.read(path)) == 5


def test_nothing_is_written_to_a_registry_that_was_changed(tmp_path: Path) -> None:
    path = made(tmp_path / "marks.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"C-2"', b'"C-3"', 1))
    before = path.read_bytes()
    with pytest.raises(BadConfiguration, match="line 4"):
        registry.commit(path, [(key(ALL, WEEK.next()), {})], AFTER)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("shown", "now", "told"),
    [
        (key(), WEEK.ends - 0.1, "still in use"),
        (key(ALL, WEEK.next()), 1e9, "never committed to"),
        (Secret(b"\1" * 32).key(ALL, WEEK), AFTER, "never committed to"),
    ],
)
def test_a_key_is_shown_after_its_end_and_if_it_was_committed_to(
    tmp_path: Path, shown: MarkKey, now: float, told: str
) -> None:
    with pytest.raises(BadConfiguration, match=told):
        registry.show(made(tmp_path / "marks.jsonl"), shown, now)


def test_a_key_is_shown_once(tmp_path: Path) -> None:
    path = made(tmp_path / "marks.jsonl")
    assert registry.show(path, key(), AFTER) and not registry.show(path, key(), AFTER)
    assert [one.key for one in registry.read(path) if one.kind == "open"] == [key("C-1").key, key().key]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("key", "0" * 16, "not the one that was committed to"),
        ("nonce", "0" * 64, "not the one that was committed to"),
        ("scope", ALL, "not the one that was committed to"),
        ("commitment", "0" * 64, "not the one|not committed to before"),
        ("more", 1, "other fields"),
    ],
)
def test_an_opening_that_does_not_fit_is_found_although_the_chain_is_in_order(
    tmp_path: Path, name: str, value: Any, told: str
) -> None:
    path = made(tmp_path / "marks.jsonl")
    *others, last = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*others, json.dumps({**json.loads(last), name: value}).encode(), b""]))
    with pytest.raises(BadConfiguration, match=told):
        registry.read(path)


def test_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "marks.jsonl"
    code = (
        "import sys, pathlib\n"
        "from stillwatch.safeguards.watermark import registry\n"
        "from stillwatch.safeguards.watermark.keys import Epoch, Secret\n"
        "made = Secret(bytes(32))\n"
        "for number in range(20):\n"
        "    keys = made.key(f'C-{number}', Epoch(0, 9)), made.key(sys.argv[2], Epoch(number, 99))\n"
        "    registry.commit(pathlib.Path(sys.argv[1]), [(one, {}) for one in keys], number)\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [subprocess.Popen([sys.executable, "-c", code, path, name], env=env) for name in ("x", "y", "z")]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert len(registry.read(path)) == 20 + 3 * 20, "those that all commit to are there once"
