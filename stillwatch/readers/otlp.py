"""OTLP JSON taken apart: spans and log records with their attributes as plain mappings.

Follows opentelemetry-proto 1.x in its JSON encoding (lowerCamelCase, 64-bit numbers as text); also reads the name that
scopeSpans had before 2022, instrumentationLibrarySpans.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stillwatch.readers.values import at, word

_DEEPEST = 16  # values within values
_GROUPS = (  # key of the line, of its groups, of their things, what they are called
    ("resourceSpans", ("scopeSpans", "instrumentationLibrarySpans"), "spans", "span"),
    ("resourceLogs", ("scopeLogs", "instrumentationLibraryLogs"), "logRecords", "log record"),
    ("resourceMetrics", ("scopeMetrics",), "metrics", "metric"),
)


def things(line: Any) -> Iterator[dict[str, Any]]:
    """Every span, log record and metric of a line."""
    for key, groups, name, kind in _GROUPS:
        for resource in _listed(at(line, key)):
            of_resource = attributes(at(resource, "resource", "attributes"))
            for group in groups:
                for scope in _listed(at(resource, group)):
                    for one in _listed(at(scope, name)):
                        yield _thing(one, kind, of_resource)


def attributes(pairs: Any) -> dict[str, Any]:
    """Key-value pairs as a mapping."""
    found: dict[str, Any] = {}
    for pair in _listed(pairs):
        if isinstance(key := at(pair, "key"), str):
            found[key] = _value(at(pair, "value"), 0)
    return found


def _thing(one: Any, kind: str, resource: dict[str, Any]) -> dict[str, Any]:
    found = attributes(at(one, "attributes"))
    trace, span = word(at(one, "traceId")), word(at(one, "spanId"))
    start = ("startTimeUnixNano",) if kind == "span" else ("timeUnixNano", "observedTimeUnixNano")
    return {
        "kind": kind,
        "id": f"{trace}-{span}" if trace and span else None,
        "name": word(at(one, "eventName"), at(one, "name"), found.get("event.name")),
        "start": next((value for name in start if (value := at(one, name)) not in (None, "", "0", 0)), None),
        "attributes": found,
        "resource": resource,
        "events": [
            (word(at(event, "name")) or "", attributes(at(event, "attributes"))) for event in _listed(at(one, "events"))
        ],
    }


def _value(value: Any, depth: int) -> Any:
    if not isinstance(value, dict) or depth > _DEEPEST:
        return None
    for name, one in value.items():
        if name == "arrayValue":
            return [_value(each, depth + 1) for each in _listed(at(one, "values"))]
        if name == "kvlistValue":
            return {
                pair["key"]: _value(pair.get("value"), depth + 1)
                for pair in _listed(at(one, "values"))
                if isinstance(pair, dict) and isinstance(pair.get("key"), str)
            }
        if name == "intValue":
            return int(one) if isinstance(one, str) and one.lstrip("-").isdecimal() and len(one) <= 20 else one
        return one
    return None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
