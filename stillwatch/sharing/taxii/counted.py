"""What the server did, in numbers: /metrics for Prometheus. Partners by name, never an object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

TYPE = CONTENT_TYPE_LATEST


class Counted:
    """Counters of one process since it began."""

    def __init__(self, waiting: Callable[[], int] = lambda: 0) -> None:
        self.answered: Counter[tuple[str, str]] = Counter()  # requests, by endpoint and status
        self.told: Counter[str] = Counter()  # objects, by who got them
        self.received: Counter[tuple[str, str]] = Counter()  # objects, by who posted them and what came of it
        self.refused: Counter[str] = Counter()  # without a secret that counts: wrong, or too_often
        self._waiting = waiting
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def page(self) -> str:
        return generate_latest(self._registry).decode()

    def collect(self) -> Iterator[Metric]:
        answered = CounterMetricFamily("stillwatch_taxii_requests", "Requests.", labels=["endpoint", "status"])
        for key, value in sorted(self.answered.items()):
            answered.add_metric(key, value)
        yield answered
        received = CounterMetricFamily("stillwatch_taxii_received", "Objects posted.", labels=["partner", "outcome"])
        for key, value in sorted(self.received.items()):
            received.add_metric(key, value)
        yield received
        for name, about, label, values in (
            ("told", "Objects that left, by who got them.", "partner", self.told),
            ("unauthorized", "Requests without a secret that counts.", "kind", self.refused),
        ):
            metric = CounterMetricFamily(f"stillwatch_taxii_{name}", about, labels=[label])
            for one, value in sorted(values.items()):
                metric.add_metric([one], value)
            yield metric
        yield GaugeMetricFamily("stillwatch_taxii_waiting", "Posts that are not added yet.", value=self._waiting())
