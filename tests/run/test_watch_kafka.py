"""A watch of a topic, over real sockets: whatever happens to it or to the brokers, the answer is that of one scan."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import begun
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import killed_at
from run.test_watch import DAY, NOW, SMALL, asked, looked, row, same, whole
from stillwatch.config import Config, Watch
from stillwatch.errors import BadConfiguration, NothingToRead
from stillwatch.evidence import Report
from stillwatch.run.watching import Topic, watch

pytest.importorskip("confluent_kafka", reason="the Kafka client is not installed: pip install 'stillwatch[kafka]'")

import kafka_here
from kafka_here import PARTITIONS, Cluster

__all__ = ["whole"]  # the fixture
QUICK = replace(SMALL, watch=Watch(batch_mib=1, gather_seconds=0.5))


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster()


class Sent:
    """The exchanges of a log as messages, in any order over every partition, piece by piece."""

    def __init__(self, cluster: Cluster, topic: str, log: Path, pieces: int, seed: int) -> None:
        rows = pa.concat_tables([pq.read_table(path) for path in sorted((log / "exchanges").iterdir())])
        lines = [json.dumps(one, default=datetime.isoformat) for one in rows.to_pylist()]
        dice = np.random.default_rng(seed)
        self.rows = len(lines)
        self.pieces = np.array_split(dice.permutation(len(lines)), pieces)
        self._partition = dice.integers(PARTITIONS, size=len(lines))
        self._lines, self._cluster, self._topic = lines, cluster, topic

    def piece(self, number: int) -> None:
        for one in range(PARTITIONS):
            mine = [self._lines[at] for at in self.pieces[number] if self._partition[at] == one]
            self._cluster.send(self._topic, one, *mine)


def position(state: Path) -> dict[str, tuple[int, int]]:
    """By partition: offset of the next message, messages lost."""
    found = json.loads((state / "manifest.json").read_bytes())["position"]
    return {name: (seen["next"], seen["lost"]) for name, seen in found.items()}


def test_pieces_over_several_partitions_give_what_a_scan_gives(cluster: Cluster, whole: Path, tmp_path: Path) -> None:
    sent = Sent(cluster, "pieces", whole / "log", 4, seed=1)
    topic = Topic(cluster.servers, "pieces", whole / "log")
    times = iter([NOW - 3 * DAY, *[NOW] * 10_000])
    sent.piece(0)
    first = next(watch_of(topic, tmp_path, whole / "key", clock=lambda: next(times)))
    assert first.totals["exchanges"] < sent.rows
    for piece in (1, 2, 3):
        sent.piece(piece)
    last = looked(topic, tmp_path / "state", whole / "key")
    assert last is not None and last.totals["exchanges"] == sent.rows and last.totals["rejected"] == 0
    same(tmp_path / "state/result", whole / "out", named=False)  # the first look saw what the brokers had sent by then
    shown = {one.template_id: one.skeleton for one in last.campaigns[0].templates}
    wanted = json.loads((whole / "out/campaigns.json").read_bytes())["campaigns"][0]["templates"]
    assert shown.keys() == {one["template_id"] for one in wanted} and all(shown.values()), "texts are fetched again"


def watch_of(topic: Topic, folder: Path, key: Path, config: Config = QUICK, **changes: Any) -> Iterator[Report]:
    return watch(asked(topic, folder / "state", key, once=False, sleep=lambda _: None, **changes), config)


def test_killed_anywhere_it_goes_on(cluster: Cluster, whole: Path, tmp_path: Path) -> None:
    sent = Sent(cluster, "killed", whole / "log", 1, seed=2)
    sent.piece(0)
    places = [
        f"kafka://{cluster.servers}/killed",
        str(tmp_path / "state"),
        str(whole / "key"),
        "--side",
        str(whole / "log"),
    ]

    def killed(step: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, killed_at.__file__, str(step), *places]
        return begun.run(begun.WATCH, command)

    for step in (4, 18, 30, 45, 60, 80):  # while it opens, gathers, absorbs, commits, looks, and shows the result
        assert killed(step).returncode == -signal.SIGKILL, step
    done = killed(0)
    assert done.returncode == 0, done.stderr
    same(tmp_path / "state/result", whole / "out")
    assert sum(offset for offset, _ in position(tmp_path / "state").values()) == sent.rows


# ------------------------------------------------------------------------------------------------------ small topics


@pytest.fixture
def small(
    cluster: Cluster, tmp_path: Path
) -> Iterator[tuple[Callable[..., None], Callable[..., Report | None], list[str]]]:
    """Sends to a topic of its own; looks at it; and what was said in words."""
    topic = Topic(cluster.servers, tmp_path.name)
    said: list[str] = []

    def send(partition: int, *values: Any) -> None:
        cluster.send(topic.name, partition, *(json.dumps(one) if isinstance(one, dict) else one for one in values))

    def look(**changes: Any) -> Report | None:
        return looked(topic, tmp_path / "state", tmp_path / "key", says=said.append, **changes)

    yield send, look, said


def rejected(tmp_path: Path) -> list[tuple[str, int, str]]:
    """Place in the topic, line of the message, and reason."""
    lines = (tmp_path / "state/rejected.jsonl").read_text().splitlines()
    found = [(one["file"], one["line"], one["reason"]) for one in map(json.loads, lines)]
    assert all(file.startswith(f"{tmp_path.name}-") for file, _, _ in found)
    return sorted((file.removeprefix(f"{tmp_path.name}-"), line, reason) for file, line, reason in found)


def test_a_message_that_is_no_exchange_costs_itself_and_is_named_by_its_offset(small: Any, tmp_path: Path) -> None:
    send, look, _ = small
    send(0, row(1, NOW), None, row(2, NOW))
    send(1, b"\xff\xfe", row(3, NOW), "{broken", " \n", row(3, NOW))
    send(2, None)
    report = look()
    assert report.totals["exchanges"] == 3 and report.totals["rejected"] == 6
    assert rejected(tmp_path) == [
        ("0@1", 0, "a tombstone: a message without a value"),
        ("1@0", 1, "not UTF-8: byte 1 of the line is 0xff"),
        ("1@2", 1, "not JSON: unexpected character, expected a string key"),
        ("1@3", 0, "a message with an empty value"),
        ("1@4", 1, "duplicate of an exchange already read"),
        ("2@0", 0, "a tombstone: a message without a value"),
    ]


def test_a_message_may_hold_several_lines_or_one_object_over_several(small: Any, tmp_path: Path) -> None:
    send, look, _ = small
    send(0, f"{json.dumps(row(1, NOW))}\n[]\n{json.dumps(row(2, NOW))}\n", json.dumps(row(3, NOW), indent=1), "[]")
    assert look().totals["exchanges"] == 3
    expected = "a JSON object was expected, this is a list"
    assert rejected(tmp_path) == [("0@0", 2, expected), ("0@2", 1, expected)]


def test_it_goes_on_where_it_was_and_reads_nothing_twice(small: Any, tmp_path: Path) -> None:
    send, look, said = small
    send(0, row(1, NOW), row(2, NOW))
    assert look().totals["exchanges"] == 2
    send(0, row(3, NOW))
    send(3, row(4, NOW))
    assert look().totals["exchanges"] == 4
    assert {name[-1]: at for name, at in position(tmp_path / "state").items()} == {
        "0": (3, 0), "1": (0, 0), "2": (0, 0), "3": (1, 0),
    }  # fmt: skip
    assert rejected(tmp_path) == said == []


def test_what_the_brokers_deleted_is_counted_and_said(small: Any, tmp_path: Path) -> None:
    send, look, said = small
    send(1, row(1, NOW), row(2, NOW))
    look()
    filler = {"prompt": "x" * 500_000}
    send(1, *(row(number, NOW) | filler for number in range(3, 23)), row(23, NOW))
    report = look()
    lost = position(tmp_path / "state")[f"{tmp_path.name}-1"][1]
    assert 5 < lost < 20 and report.totals["exchanges"] == 23 - lost
    assert rejected(tmp_path) == [(f"1@2..{1 + lost}", 0, "deleted by the brokers before it was read")]
    assert said == [
        f"{tmp_path.name}-1: {lost} messages are lost, deleted before they were read; goes on at {2 + lost}"
    ]
    look()
    assert position(tmp_path / "state")[f"{tmp_path.name}-1"] == (23, lost) and len(said) == 1, "once"


def test_what_is_deleted_while_it_watches_is_counted_too(cluster: Cluster, tmp_path: Path) -> None:
    """A client that fetches one message ahead stands at an offset that is gone when it asks for the next."""
    slow = {"queued.min.messages": "1", "fetch.message.max.bytes": "1000"}
    name, said, now = tmp_path.name, [], [NOW]

    def send(first: int, last: int, **more: str) -> None:
        cluster.send(name, 0, *(json.dumps(row(one, NOW) | more) for one in range(first, last)))

    send(0, 2)
    topic = Topic(cluster.servers, name, properties=slow)
    one_batch = replace(SMALL, watch=Watch(batch_mib=64, gather_seconds=4))
    watched = watch_of(topic, tmp_path, tmp_path / "key", one_batch, clock=lambda: now[0], says=said.append)
    assert next(watched).totals["exchanges"] == 2
    send(2, 3)
    time.sleep(1)  # it is fetched
    send(3, 23, prompt="x" * 500_000)
    now[0] += 2 * DAY
    found = next(watched).totals["exchanges"]
    watched.close()
    offset, lost = position(tmp_path / "state")[f"{name}-0"]
    assert found == offset - lost > 3 and lost > 5
    assert rejected(tmp_path) == [(f"0@3..{2 + lost}", 0, "deleted by the brokers before it was read")]
    assert len(said) == 1


def test_a_mapping_that_fits_may_find_nothing_in_what_came_last(small: Any, tmp_path: Path) -> None:
    send, look, _ = small
    mapped = replace(SMALL, reading=replace(SMALL.reading, map=("prompt=asked.text", "exchange_id=id")))
    told = {"account_id": "a", "timestamp": NOW.isoformat()}
    send(0, {"id": "x1", "asked": {"text": "hello"}, **told})
    assert look(config=mapped).totals["exchanges"] == 1
    send(0, {"id": "x2", **told})
    assert look(config=mapped).totals["rejected"] == 1
    assert rejected(tmp_path) == [("0@1", 1, "is missing, and so is messages: one of the two is needed")]


def test_a_topic_that_was_made_anew_is_read_from_its_start(cluster: Cluster, small: Any, tmp_path: Path) -> None:
    send, look, said = small
    send(0, row(1, NOW), row(2, NOW), row(3, NOW))
    look()
    other = Cluster()
    other.send(tmp_path.name, 0, json.dumps(row(4, NOW)))
    topic = Topic(other.servers, tmp_path.name)
    report = looked(topic, tmp_path / "state", tmp_path / "key", says=said.append)
    assert report is not None and report.totals["exchanges"] == 4
    assert "was made anew" in said[0] and position(tmp_path / "state")[f"{tmp_path.name}-0"] == (1, 0)


def test_what_whoever_asked_has_to_put_right_is_said_at_once(cluster: Cluster, tmp_path: Path) -> None:
    def refused(problem: type[Exception], says: str, **changes: Any) -> None:
        with pytest.raises(problem, match=says):
            looked(replace(Topic(cluster.servers, "nowhere"), **changes), tmp_path / "state", tmp_path / "key")

    refused(NothingToRead, "no such topic")
    refused(BadConfiguration, "No such configuration property", properties={"nonesuch": "1"})
    secret = {"security.protocol": "sasl_ssl", "sasl.mechanisms": "hunter2", "sasl.password": "hunter2"}
    refused(BadConfiguration, r"Unsupported SASL mechanism: \*\*\*", properties=secret)


def test_brokers_that_go_away_and_come_back(tmp_path: Path) -> None:
    """Stopped before it starts; and again while it follows them. Longer than it waits for an answer, both times."""
    said: list[str] = []
    now = [NOW]
    with subprocess.Popen(
        [sys.executable, kafka_here.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as brokers:
        assert brokers.stdout is not None
        servers = brokers.stdout.readline().strip()
        sender = kafka_here.producer(servers)

        def send(number: int) -> None:
            kafka_here.send(sender, "away", number % PARTITIONS, json.dumps(row(number, NOW)))

        def back() -> None:
            os.kill(brokers.pid, signal.SIGCONT)
            send(3)

        for number in range(3):
            send(number)
        watched = watch_of(Topic(servers, "away"), tmp_path, tmp_path / "key", clock=lambda: now[0], says=said.append)
        os.kill(brokers.pid, signal.SIGSTOP)
        threading.Timer(12, os.kill, (brokers.pid, signal.SIGCONT)).start()
        assert next(watched).totals["exchanges"] == 3
        os.kill(brokers.pid, signal.SIGSTOP)
        threading.Timer(12, back).start()
        now[0] += 2 * DAY
        assert next(watched).totals["exchanges"] == 4
        watched.close()
    assert [text.split(" (")[0] for text in said] == 2 * [
        f"away at {servers} cannot be reached", f"away at {servers} can be reached again",
    ]  # fmt: skip
    assert rejected(tmp_path) == []


def test_the_end_is_that_of_the_first_call_and_what_was_taken_can_be_had_again(
    cluster: Cluster, tmp_path: Path
) -> None:
    from stillwatch.run.watching.kafka import GrowingTopic

    name = tmp_path.name
    cluster.send(name, 1, "{}", None, '{"a": 1}')
    source = GrowingTopic(Topic(cluster.servers, name), Watch(), lambda text: None)
    try:
        taken = source.take({}, tmp_path / "first", final=True)
        assert taken is not None and taken.position[f"{name}-1"] == {"next": 3, "lost": 0}
        cluster.send(name, 1, "{}")
        assert source.take(taken.position, tmp_path / "second", final=True) is None
        assert source.again(taken.files[0], tmp_path / "again")
        laid = "exchanges/000000-1.jsonl"
        assert (tmp_path / "again" / laid).read_bytes() == (tmp_path / "first" / laid).read_bytes() == b'{}\n{"a": 1}\n'
        assert not source.again(taken.files[0] | {"crc": 0}, tmp_path / "other"), "another topic of that name"
        cluster.send(name, 1, *["x" * 500_000] * 12)
        assert not source.again(taken.files[0], tmp_path / "gone")
    finally:
        source.close()


def test_how_far_it_is_read_is_told_to_a_group_if_one_is_named(cluster: Cluster, tmp_path: Path) -> None:
    from confluent_kafka import Consumer, TopicPartition

    cluster.send("told", 2, json.dumps(row(1, NOW)))
    named = {"group.id": "lag"}
    looked(Topic(cluster.servers, "told", properties=named), tmp_path / "state", tmp_path / "key")
    group = Consumer({"bootstrap.servers": cluster.servers, **named, "log_level": 0})
    try:
        until = time.monotonic() + 10
        while (told := group.committed([TopicPartition("told", 2)], timeout=10)[0].offset) != 1:
            assert time.monotonic() < until, told
    finally:
        group.close()
