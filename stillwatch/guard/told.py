"""What a guard says of itself: /healthz for a load balancer, /metrics for Prometheus. Never an account, a key or a customer."""

from __future__ import annotations

import time
from collections.abc import Iterator

import orjson
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from stillwatch.guard.answers import Answer
from stillwatch.guard.incoming import Receive, Scope, Send, say
from stillwatch.guard.setup import Standing

PAGES = ("/healthz", "/metrics")


class Told:
    """An ASGI app of both pages."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self._registry = CollectorRegistry()
        self._registry.register(_Collected(standing))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/metrics":
            page = generate_latest(self._registry)
            await say(
                send, Answer(200, (("content-type", CONTENT_TYPE_LATEST), ("content-length", str(len(page)))), page)
            )
        else:
            page = orjson.dumps(self.health())
            await say(
                send, Answer(200, (("content-type", "application/json"), ("content-length", str(len(page)))), page)
            )

    def health(self) -> dict[str, object]:
        """Always well while it answers: a guard that fails lets requests pass, and must not be taken out for it."""
        standing = self.standing
        server, keys = standing.server, standing.keys
        problem = standing.refreshed.problem or any(one.problem for one in keys.values()) or (server and not server.up)
        return {
            "status": "degraded" if problem else "ok",
            "policy": standing.refreshed.problem or "as in its file",
            "shared": "none"
            if server is None
            else "up"
            if server.up
            else f"away ({server.problem}): budgets and rates are this process's own",
            **{
                name: keys[name].problem or "keys are ready" if name in keys else "noted only"
                for name in ("watermark", "canary")
            },
            "found_until": standing.gate.guard.known.at,
        }


class _Collected:
    """Computed when it is asked for."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        guard, refreshed, server = self._standing.gate.guard, self._standing.refreshed, self._standing.server
        yield _counter("decisions", "What was done to requests, and what failed on the way.", guard.counts, "what")
        rules = guard.ready.rules
        hits = {rule.id: guard.limits.of(rule) for rule in rules}
        for name, help_text, values in (
            ("rule_accounts", "Accounts a rule has acted on.", {one: len(hit.ever) for one, hit in hits.items()}),
            ("rule_honest", "Of those, in no campaign by the last look.", {one: len(hit.honest) for one, hit in hits.items()}),
            ("rule_acting", "1 while a rule acts, 0 while it is a shadow.", {
                rule.id: int(acts and not hits[rule.id].stopped) for rule, acts in zip(rules, guard.ready.live, strict=True)
            }),
        ):  # fmt: skip
            yield _gauge(name, help_text, values, "rule")
        yield _gauge("rule_failures", "Requests for which a condition had no value.", {
            rule.id: count for rule, count in zip(rules, guard.ready.conditions.failed, strict=True)
        }, "rule")  # fmt: skip
        yield _gauge(
            "known_accounts", "Accounts of which something was found.", {"found": len(guard.known.standing)}, "what"
        )
        yield _gauge(
            "read_age_seconds",
            "Since policy and result were last read.",
            {"all": time.time() - refreshed.read_at},
            "what",
        )
        yield _gauge(
            "read_failed", "1 while a changed file cannot be read.", {"all": int(bool(refreshed.problem))}, "what"
        )
        if server is not None:
            yield _gauge(
                "shared_up", "1 while the server that replicas share answers.", {"all": int(server.up)}, "what"
            )
        if (written := self._standing.gate.written) is not None:
            yield _counter("log_rows", "Rows of the log, by what became of them.", written.counts, "what")


def _counter(name: str, told: str, values: object, label: str) -> Metric:
    metric = CounterMetricFamily(f"stillwatch_guard_{name}", told, labels=[label])
    for key, value in sorted(dict(values).items()):  # type: ignore[call-overload]
        metric.add_metric([key], value)
    return metric


def _gauge(name: str, told: str, values: object, label: str) -> Metric:
    metric = GaugeMetricFamily(f"stillwatch_guard_{name}", told, labels=[label])
    for key, value in sorted(dict(values).items()):  # type: ignore[call-overload]
        metric.add_metric([key], value)
    return metric
