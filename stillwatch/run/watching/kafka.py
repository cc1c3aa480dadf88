"""A topic of a Kafka that grows: messages are taken batch by batch, each exactly once by the offsets that the state has.

The position is, by partition, the offset of the next message and how many were lost: deleted by the brokers before they
were read. It is committed together with the rows, so a restart reads from the first message that is in no row.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message

from stillwatch.config import Watch
from stillwatch.readers import Reject
from stillwatch.run.watching.brokers import Brokers
from stillwatch.run.watching.messages import Laid, named, place
from stillwatch.run.watching.reach import Reach
from stillwatch.run.watching.source import Taken
from stillwatch.run.watching.state import remove
from stillwatch.run.watching.topic import Topic

_QUIET = (
    1.0  # seconds without a message, after which nothing has come: as long as a broker holds an empty answer, twice
)
GONE = "deleted by the brokers before it was read"


class GrowingTopic:
    """Every partition of a topic, from the first message that is kept."""

    def __init__(self, topic: Topic, watch: Watch, says: Callable[[str], None]) -> None:
        self.sides = topic.sides
        self._name = topic.name
        self._most = watch.batch_mib << 20
        self._longest = watch.gather_seconds
        self._says = says
        self._reach = Reach(f"{topic.name} at {topic.servers}", says)
        self._brokers = Brokers(topic)
        self._again: Brokers | None = None  # a consumer of its own: that of `take` stands where the next batch begins
        self._position: dict[str, Any] | None = None  # that `_next` belongs to; None when it has to be begun from
        self._next: dict[int, int] = {}  # by partition: offset of the message that comes next
        self._lost: dict[int, int] = {}
        self._until: dict[int, int] | None = None  # where `final` ends: what was there when it was first asked for
        self._gaps: list[Reject] = []

    def take(self, position: dict[str, Any], into: Path, final: bool) -> Taken | None:
        """Messages of every partition. While no broker answers, nothing has come; what is `final` waits for them."""
        while True:
            try:
                taken = self._gather(position, into, final)
            except KafkaException as problem:
                self._position = None
                remove(into)
                self._reach.lost(self._brokers.why(problem))
                if not final:
                    return None
            else:
                self._reach.back()
                return taken

    def again(self, file: dict[str, Any], into: Path) -> bool:
        """The same offsets once more. Told apart by a checksum: a compacted topic has lost some, another has others."""
        topic, _, partition = file["name"].rpartition("-")
        if topic != self._name or "crc" not in file:
            return False
        self._again = self._again or Brokers(self._brokers.topic)
        laid = Laid(into, topic)
        try:
            if self._again.span(int(partition))[0] > file["start"]:
                return False
            for message in self._again.between(int(partition), file["start"], file["end"]):
                laid.add(int(partition), message.offset() or 0, _value(message))
            self._again.stand({})
        except KafkaException:
            return False
        return any(one["crc"] == file["crc"] for one in laid.taken({}).files)

    def close(self) -> None:
        self._brokers.close()
        if self._again is not None:
            self._again.close()

    def _gather(self, position: dict[str, Any], into: Path, final: bool) -> Taken | None:
        partitions = self._brokers.partitions(at_first=not self._reach.ever)
        self._reach.ever = True
        if position != self._position or partitions != self._next.keys():
            self._begin(position, partitions)
            self._position = position
        self._brokers.report({one: position[name]["next"] for one in partitions if (name := self._of(one)) in position})
        if final and self._until is None:
            self._until = {one: self._brokers.span(one)[1] for one in partitions}
        laid = Laid(into, self._name)
        self._fill(laid)
        laid.rejects += self._gaps
        self._gaps = []
        if not laid:
            if not self._ended():
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            return None
        self._position = position | {
            self._of(one): {"next": offset, "lost": self._lost[one]} for one, offset in self._next.items()
        }
        return laid.taken(self._position)

    def _fill(self, laid: Laid) -> None:
        """Messages until there are enough; what is not asked for by then stays with the brokers."""
        started = time.monotonic()
        while not self._enough(laid, time.monotonic() - started):
            passed = {message.partition() or 0 for message in self._brokers.messages() if not self._add(message, laid)}
            for one in passed:
                self._place(one, self._next[one])
            if passed:
                self._brokers.stand(self._next)

    def _begin(self, position: dict[str, Any], partitions: set[int]) -> None:
        """Stand where a position says; of a partition that it does not know, at the first message."""
        known = {one: position[name] for one in partitions if (name := self._of(one)) in position}
        self._lost = {one: known[one]["lost"] if one in known else 0 for one in partitions}
        self._gaps = []
        for one in sorted(partitions):
            self._place(one, known[one]["next"] if one in known else None)
        self._next = {one: self._next[one] for one in partitions}
        self._brokers.stand(self._next)

    def _place(self, one: int, wanted: int | None) -> None:
        """Where a partition goes on: as wanted, or where it begins if that is gone, and then how much is lost is said."""
        low, high = self._brokers.span(one)
        name = self._of(one)
        if wanted is not None and low <= wanted <= high:
            self._next[one] = wanted
            return
        self._next[one] = low
        if wanted is None:
            return
        if wanted < low:
            self._lost[one] += low - wanted
            self._gaps.append(Reject(place(name, wanted, low - 1), 0, "", GONE))
            self._says(f"{name}: {low - wanted:,} messages are lost, deleted before they were read; goes on at {low}")
        else:
            self._says(
                f"{name} ends at {high} and was read up to {wanted}: it was made anew, and is read from its start"
            )
            if self._until is not None:
                self._until[one] = high

    def _of(self, one: int) -> str:
        return named(self._name, one)

    def _add(self, message: Message, laid: Laid) -> bool:
        """Put a message where it belongs. False when the partition has none at the offset that was asked for."""
        one, offset, error = message.partition() or 0, message.offset() or 0, message.error()
        if error is not None and error.code() == KafkaError._AUTO_OFFSET_RESET:
            return False
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise KafkaException(error)
        if offset < self._next[one]:
            return True
        end = sys.maxsize if self._until is None else self._until.get(one, self._next[one])
        if error is not None:  # nothing more is there; what lies between is no message but what a transaction leaves
            self._next[one] = min(offset, end)
            if self._until is not None:
                self._until[one] = self._next[one]
        elif offset >= end:
            self._next[one] = end
        else:
            laid.add(one, offset, _value(message))
            self._next[one] = offset + 1
        return True

    def _enough(self, laid: Laid, waited: float) -> bool:
        if laid.bytes >= self._most or waited >= self._longest:
            return True
        if self._until is not None:
            return self._ended()
        return not laid and waited >= _QUIET

    def _ended(self) -> bool:
        """Whether everything was taken that `final` asks for; without it there is no end that must be reached."""
        until = self._until or {}
        return all(self._next.get(one, end) >= end for one, end in until.items())


def _value(message: Message) -> bytes | None:
    value = message.value()
    return value.encode() if isinstance(value, str) else value
