"""A topic through librdkafka: partitions, the offsets they have, and messages from exactly where they are asked for.

Partitions are assigned by hand at offsets that the state says, so no group of consumers and no reset of an offset has a say
in what is read. librdkafka fetches ahead up to a limit of its own, and no further while nobody asks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from stillwatch.errors import BadConfiguration, NothingToRead
from stillwatch.run.watching.topic import Topic

_ANSWER = 10.0  # seconds an answer may take: brokers in another region need one, and a dead one is found out soon
_AT_ONCE = 64  # messages asked for at a time: of a MiB each they overshoot a batch by no more than librdkafka holds
_POLL = 0.2  # seconds waited for messages at a time: an interrupt is noticed between two
_REFUSED = (KafkaError._AUTHENTICATION, KafkaError._SSL)  # at the first attempt; later a broker may be restarting
_UNKNOWN = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION)
_NOT_ALLOWED = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED)


class Brokers:
    """One consumer of one topic. Raises KafkaException where they do not answer; the next attempt may go well."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self._problem: KafkaError | None = None  # the last that librdkafka told of: it says why nobody answers
        self._reported: Mapping[int, int] = {}
        settings = {"group.id": "stillwatch", "log_level": "0", **topic.properties}
        settings |= {
            "bootstrap.servers": topic.servers,
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "auto.offset.reset": "error",
            "enable.partition.eof": "true",
            "allow.auto.create.topics": "false",
        }
        try:
            self._consumer = Consumer({**settings, "error_cb": self._told})
        except KafkaException as problem:
            said = topic.hidden(_error(problem).str())
            raise BadConfiguration(said, "--kafka-config", "properties of librdkafka's CONFIGURATION.md") from None

    def partitions(self, at_first: bool) -> set[int]:
        """Numbers of the partitions. What is wrong `at_first` is put right by whoever asked, and no outage."""
        try:
            found = self._consumer.list_topics(self.topic.name, timeout=_ANSWER).topics[self.topic.name]
        except KafkaException:
            self._consumer.poll(0)  # where librdkafka tells of what went wrong
            if at_first and self._problem is not None and self._problem.code() in _REFUSED:
                raise BadConfiguration(
                    f"the brokers refuse: {self.topic.hidden(self._problem.str())}", self.topic.servers,
                    "security.protocol, sasl.* and ssl.* that they take", "a file of them, with --kafka-config",
                ) from None  # fmt: skip
            raise
        if found.error is None:
            self._problem = None
            return set(found.partitions)
        if at_first and found.error.code() in _UNKNOWN:
            raise NothingToRead(
                "there is no such topic", f"{self.topic.servers}/{self.topic.name}", "one that is there"
            )
        if at_first and found.error.code() in _NOT_ALLOWED:
            raise BadConfiguration(
                "the brokers do not allow this topic to be read", f"{self.topic.servers}/{self.topic.name}",
                "Read and Describe on the topic", "an account that may, with --kafka-config",
            )  # fmt: skip
        raise KafkaException(found.error)

    def span(self, partition: int) -> tuple[int, int]:
        """Offsets of the first message that is kept and of the next that will come."""
        low, high = self._consumer.get_watermark_offsets(self._at(partition), timeout=_ANSWER)
        return low, high

    def stand(self, offsets: Mapping[int, int]) -> None:
        """From here on messages come from these offsets of these partitions."""
        self._consumer.assign([self._at(partition, offset) for partition, offset in offsets.items()])

    def messages(self) -> list[Message]:
        """What has come: messages, and what happened to a partition in their place. Empty after a short wait."""
        return [
            one for one in self._consumer.consume(_AT_ONCE, timeout=_POLL)
            if one.topic() is not None  # the rest is about a group, and nothing here hangs on it
        ]  # fmt: skip

    def between(self, partition: int, start: int, end: int) -> Iterator[Message]:
        """The messages of a partition from one offset to before another, as far as they come."""
        self.stand({partition: start})
        last = time.monotonic()
        while time.monotonic() - last < _ANSWER:
            for message in self.messages():
                last = time.monotonic()
                if message.error() is not None or (message.offset() or 0) >= end:
                    return
                yield message
                if message.offset() == end - 1:
                    return

    def report(self, offsets: Mapping[int, int]) -> None:
        """Tell the brokers how far the state has come, for whoever watches the lag of a group; only if one was named."""
        if "group.id" in self.topic.properties and offsets and offsets != self._reported:
            self._reported = offsets
            self._consumer.commit(offsets=[self._at(*one) for one in offsets.items()], asynchronous=True)

    def why(self, problem: KafkaException) -> str:
        """What went wrong, in librdkafka's words."""
        error = self._problem or _error(problem)
        self._problem = None
        return self.topic.hidden(error.str())

    def close(self) -> None:
        self._consumer.close()

    def _at(self, partition: int, offset: int | None = None) -> TopicPartition:
        if offset is None:
            return TopicPartition(self.topic.name, partition)
        return TopicPartition(self.topic.name, partition, offset)

    def _told(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:  # which says no more than the one before
            self._problem = error


def _error(problem: KafkaException) -> KafkaError:
    error: KafkaError = problem.args[0]
    return error
