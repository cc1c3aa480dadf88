"""Nothing that anybody sends is answered with an error of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sharing.taxii.media import TAXII
from tests.sharing.taxii.taxii_here import MANIFEST, OBJECTS, Here, here, indicator

ONE = indicator()
NAMES = [
    "added_after",
    "limit",
    "next",
    "match[id]",
    "match[type]",
    "match[version]",
    "match[spec_version]",
    "match[x]",
    "",
]
GOOD = ["2026-01-01T00:00:00.000000Z", "0000-00-00T00:00:00Z", "9999-12-31T23:59:60Z", "0", "1", "all", "last,first", ONE["id"],
        "indicator", "2.1", "AAAAAAAAAAA", "-1", "9" * 400, "1e9", "\0", "'--", "%", "\ud800", ","]  # fmt: skip
VALUES = st.one_of(st.sampled_from(GOOD), st.text(max_size=12))
QUERIES = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5)
KNOWN = ["exchange", "taxii2", "collections", "objects", "status", "versions", "manifest", ONE["id"], "open", ""]
PARTS = st.lists(st.one_of(st.sampled_from(KNOWN), st.text(max_size=8)), max_size=7)
HEADERS = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    with here(tmp_path_factory.mktemp("taxii")) as found:
        found.post(ONE)
        yield found
        assert found.said == [], "nothing failed"


@settings(max_examples=250, deadline=None)
@given(
    QUERIES,
    st.sampled_from([OBJECTS, MANIFEST, f"{OBJECTS}{ONE['id']}/", f"{OBJECTS}{ONE['id']}/versions/"]),
    st.booleans(),
)
def test_queries(shared: Here, pairs: list[tuple[str, str]], path: str, quoted: bool) -> None:
    def coded(text: str) -> str:
        return quote(text.encode("utf-8", "surrogatepass"), safe="") if quoted else text

    told = shared.get("&".join(f"{coded(name)}={coded(value)}" for name, value in pairs), path)
    assert told.status in (200, 400) and told.headers["content-type"] == TAXII
    assert told.said.get("http_status", "200") == str(told.status)


@settings(max_examples=150, deadline=None)
@given(PARTS, st.sampled_from(["GET", "POST", "DELETE", "HEAD", "PATCH"]))
def test_paths(shared: Here, parts: list[str], method: str) -> None:
    path = quote("/" + "/".join(parts), safe="/", errors="replace")
    assert shared.ask(method, path).status in (200, 403, 404, 405, 422)


@settings(max_examples=150, deadline=None)
@given(HEADERS, HEADERS)
def test_headers(shared: Here, accept: str, content_type: str) -> None:
    told = shared.ask("POST", OBJECTS, body={"objects": [ONE]}, accept=accept, content_type=content_type)
    assert told.status in (202, 406, 415)


KEYS = "objects id type created modified spec_version object_marking_refs granular_markings marking_ref".split()
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([*GOOD[:-2], ONE["created"]])
)
JSON = st.recursive(LEAVES, lambda some: st.lists(some) | st.dictionaries(st.sampled_from(KEYS), some), max_leaves=12)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | JSON.map(lambda one: json.dumps(one).encode()))
def test_bodies(shared: Here, body: bytes) -> None:
    for whole in (body, b'{"objects":[' + body + b"]}"):
        told = shared.ask("POST", OBJECTS, body=whole)
        assert told.status in (202, 422) and (told.status == 422 or told.said["success_count"] == 0)


@settings(max_examples=60, deadline=None)
@given(HEADERS)
def test_authorizations(shared: Here, text: str) -> None:
    for scheme in ("", "Basic ", "Bearer "):
        assert shared.ask("GET", OBJECTS, who=None, authorization=scheme + text).status in (401, 429)
    shared.said.clear()
