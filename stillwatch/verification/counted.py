"""What the service did, in numbers: /metrics for Prometheus. Never an account, a case or a customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

TYPE = CONTENT_TYPE_LATEST


class Counted:
    """Counters of one process since it began."""

    def __init__(self) -> None:
        self.assessed: Counter[str] = Counter()  # by what came of it: asked, not_asked, unreadable
        self.webhooks: Counter[tuple[str, str]] = Counter()  # by vendor and result
        self.logins: Counter[str] = Counter()  # at organisations, by result
        self.verdicts: Counter[str] = Counter()  # of the provider's own systems
        self.failed: Counter[str] = Counter()  # answered 500, by what was asked
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def page(self) -> str:
        return generate_latest(self._registry).decode()

    def collect(self) -> Iterator[Metric]:
        for name, told, label, values in (
            ("assessed", "Sign-ups, by what came of it.", "result", self.assessed),
            ("organization_logins", "Logins at organisations, by result.", "result", self.logins),
            ("verdicts", "Verdicts on accounts that the provider's systems told.", "verdict", self.verdicts),
            ("failures", "Requests answered 500, and what could not be done after an answer.", "asked", self.failed),
        ):
            metric = CounterMetricFamily(f"stillwatch_verify_{name}", told, labels=[label])
            for key, value in sorted(values.items()):
                metric.add_metric([key], value)
            yield metric
        webhooks = CounterMetricFamily(
            "stillwatch_verify_webhooks", "Webhooks, by vendor and what came of it.", labels=["vendor", "result"]
        )
        for (vendor, result), value in sorted(self.webhooks.items()):
            webhooks.add_metric([vendor, result], value)
        yield webhooks
