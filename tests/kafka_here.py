"""Brokers on this machine: librdkafka's own mock cluster, which speaks the protocol on sockets of 127.0.0.1.

Each partition keeps its newest 5 MiB, so that a topic that forgets is a matter of sending more. As a program it holds a
cluster until its input ends, for tests that stop the brokers: prints where they are.
"""

from __future__ import annotations

import sys
from typing import Any

from confluent_kafka import Producer

PARTITIONS = 4  # of a topic, which is made by what is first sent to it


class Cluster:
    """One broker, there as long as this object is."""

    def __init__(self) -> None:
        self._producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 0})
        found = self._producer.list_topics(timeout=10).brokers.values()
        self.servers = ",".join(f"{one.host}:{one.port}" for one in found)

    def send(self, topic: str, partition: int, *values: bytes | str | None) -> None:
        send(self._producer, topic, partition, *values)


def producer(servers: str) -> Any:
    return Producer({"bootstrap.servers": servers, "log_level": 0})


def send(producer: Any, topic: str, partition: int, *values: bytes | str | None) -> None:
    """In this order, and there when it returns."""
    refused: list[Any] = []
    for value in values:
        producer.produce(
            topic, value, key=b"key", partition=partition, on_delivery=lambda e, _: e and refused.append(e)
        )
        producer.poll(0)
    assert producer.flush(30) == 0 and not refused, refused


if __name__ == "__main__":
    cluster = Cluster()
    print(cluster.servers, flush=True)
    sys.stdin.read()
