"""Which objects are taken, each by itself: what is no STIX 2.1 is not, and what the standard leaves open is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sharing.taxii.taxii_here import AT, OPEN, Here, here, indicator, named


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    with here(tmp_path_factory.mktemp("taxii")) as found:
        yield found


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"type": "Indicator"}, "type"), ({"type": 1}, "type"), ({"type": "bundle"}, "type"), ({"id": "indicator--1"}, "id"),
        ({"id": None}, "id"), ({"type": "malware"}, "id"), ({"spec_version": "2.0"}, "spec_version"),
        ({"spec_version": 2.1}, "spec_version"), ({"modified": "yesterday"}, "modified"), ({"created": 0}, "created"),
        ({"modified": "2025-12-31T00:00:00.000Z"}, "modified"), ({"description": "x" * (1 << 20)}, "bytes"),
        ({"pattern": None}, "pattern"), ({"valid_until": AT}, "valid_until"), ({"confidence": 101}, "confidence"),
        ({"x_n": 2**53}, "number"), ({"description": "\0"}, "text"), ({"x": {"": 1}}, "key"),
        ({"created_by_ref": "us"}, "created_by_ref"),
    ],
)  # fmt: skip
def test_422_of_one_object_is_a_failure_of_it_alone(shared: Here, changed: dict[str, Any], why: str) -> None:
    good = indicator()
    taken = shared.received.take(OPEN, "acme", [{**indicator(), **changed}, good])
    told = shared.received.status(taken, "acme")
    assert told is not None and told["successes"] == [{"id": good["id"], "version": AT}]
    assert told["failures"][0]["message"].startswith(why) or why in told["failures"][0]["message"]
    without = {key: value for key, value in indicator().items() if key != "spec_version"}
    assert shared.post(without)["failure_count"] == 1, "an object of STIX 2.0"


@pytest.mark.parametrize(
    "one",
    [
        {"type": "x-acme-thing", "spec_version": "2.1", "created": AT, "modified": AT, "any": {"a": [1]}, "context": {"b": 2}},
        {"type": "x-acme-thing", "abstract": ["of", "another", "form"]},
        {"type": "artifact", "payload_bin": "A" * 200_000, "mime_type": "application/octet-stream"},
        {"type": "ipv4-addr", "value": "198.51.100.7"},
        {"type": "language-content", "spec_version": "2.1", "created": AT, "modified": AT, "object_ref": named("campaign"),
         "contents": {"de": {"name": "Fische"}}},
        indicator(valid_from="2026-01-01T00:00:00.123456789012Z", x_acme=[None]),
        indicator(extensions={named("extension-definition"): {"extension_type": "property-extension", "rank": 5}}),
    ],
    ids=lambda one: one["type"],
)  # fmt: skip
def test_types_and_properties_that_nobody_here_knows_are_taken(shared: Here, one: dict[str, Any]) -> None:
    told = shared.post({"id": named(one["type"]), **one})
    assert (told["success_count"], told.get("failures")) == (1, None)
