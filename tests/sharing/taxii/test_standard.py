"""What the OASIS Standard "TAXII Version 2.1" (10 June 2021) demands of a server, by its sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stillwatch.sharing.taxii.media import STIX, TAXII
from tests.sharing.taxii.taxii_here import (
    AT,
    EXTENSION,
    INBOX,
    MANIFEST,
    OBJECTS,
    OPEN,
    OURS,
    Here,
    Told,
    basic,
    here,
    indicator,
    match,
    named,
)  # fmt: skip

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
DATES = ("x-taxii-date-added-first", "x-taxii-date-added-last")
MISSING = "/exchange/collections/5b3f1d3e-5d0d-4a52-9d3b-0d5f6a0b7c11/"
UNKNOWN = OBJECTS + named("indicator") + "/"
LATER = "2026-02-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """One server for questions whose answers nothing changes."""
    with here(tmp_path_factory.mktemp("taxii")) as found:
        yield found


@pytest.mark.parametrize(
    ("section", "accept", "status"),
    [
        ("1.6.8.2", "application/taxii+json;version=2.1", 200),
        ("1.6.8.2", "application/taxii+json; version=2.1", 200),
        ("1.6.8.2", "application/taxii+json", 200),
        ("1.6.8", 'Application/TAXII+json; Version="2.1"', 200),
        ("3.1", "application/taxii+json;version=2.0", 406),
        ("3.1", "application/taxii+json;version=2.0, application/taxii+json;version=2.1", 200),
        ("5.3", "application/taxii+json;version=2.1,application/stix+json;version=2.1", 200),
        ("3.1", "application/json", 406),
        ("3.1", "text/html", 406),
        ("3.1", "application/vnd.oasis.taxii+json; version=2.0", 406),
        ("1.6.8", "application/taxii+json;version=2.1;q=0", 406),
        ("1.6.8", "*/*", 200),
        ("1.6.8", None, 200),
    ],
)
def test_what_is_accepted(shared: Here, section: str, accept: str | None, status: int) -> None:
    for path in ("/taxii2/", "/exchange/", "/exchange/collections/", OBJECTS, MANIFEST):
        told = shared.ask("GET", path, accept=accept)
        assert (told.status, told.headers["content-type"]) == (status, TAXII), section


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (TAXII, 202), ("application/taxii+json", 202), ("application/taxii+json;version=2.1;charset=utf-8", 202),
        ("application/taxii+json;version=2.0", 415), (STIX, 415), ("application/json", 415), (None, 415), ("", 415),
    ],
)  # fmt: skip
def test_5_5_what_is_taken(shared: Here, content_type: str | None, status: int) -> None:
    assert shared.ask("POST", OBJECTS, body={"objects": [indicator()]}, content_type=content_type).status == status


ENDPOINTS = [
    ("GET", "/taxii2/"), ("GET", "/exchange/"), ("GET", "/exchange/status/x/"), ("GET", "/exchange/collections/"),
    ("GET", f"/exchange/collections/{OPEN.id}/"), ("GET", MANIFEST), ("GET", OBJECTS), ("POST", OBJECTS), ("GET", UNKNOWN),
    ("DELETE", UNKNOWN), ("GET", UNKNOWN + "versions/"), ("GET", "/anything/else/"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_1_6_9_whoever_has_no_secret_is_told_how_to_show_one(shared: Here, method: str, path: str) -> None:
    told = shared.ask(method, path, body={"objects": []}, who=None)
    assert told.status == 401 and told.headers["www-authenticate"].startswith(("Basic", "Bearer"))
    assert (told.said["http_status"], told.headers["content-type"]) == ("401", TAXII)


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        (lambda secret: basic("acme", secret), 200), (lambda secret: f"Bearer {secret}", 200),
        (lambda secret: f"bearer  {secret}", 200), (lambda secret: basic("bolt", secret), 401),
        (lambda secret: basic("acme", secret + "x"), 401), (lambda secret: basic("acme", ""), 401),
        (lambda secret: "Basic !!!", 401), (lambda secret: "Basic", 401), (lambda secret: f"Token {secret}", 401),
        (lambda secret: "Bearer ", 401), (lambda secret: "Bearer \xff", 401), (lambda secret: basic("none", secret), 401),
    ],
)  # fmt: skip
def test_8_2_2_basic_and_bearer(shared: Here, shown: Any, status: int) -> None:
    assert shared.ask("GET", "/taxii2/", who=None, authorization=shown(shared.secrets["acme"])).status == status


def test_4_1_discovery_and_4_2_api_root(shared: Here) -> None:
    found = shared.ask("GET", "/taxii2/").said
    assert found == {"title": "Here", "default": "/exchange/", "api_roots": ["/exchange/"]}
    root = shared.ask("GET", found["default"]).said
    assert root == {"title": "Here", "versions": [TAXII], "max_content_length": 1 << 20}


def test_5_1_collections_are_those_of_the_partner(shared: Here) -> None:
    found = shared.ask("GET", "/exchange/collections/").said["collections"]
    rights = {one["id"]: (one["can_read"], one["can_write"]) for one in found}
    assert rights == {OPEN.id: (True, True), INBOX.id: (False, True), OURS.id: (True, False)}
    assert [one["id"] for one in found] == sorted(rights), "3.3: in the same order each time"
    assert found[1] == {
        "id": INBOX.id, "title": "Inbox", "description": "what partners bring", "alias": "inbox", "can_read": False,
        "can_write": True, "media_types": [STIX],
    }  # fmt: skip
    assert shared.ask("GET", f"/exchange/collections/{INBOX.id}/").said == found[1]
    assert shared.ask("GET", "/exchange/collections/inbox/").said == found[1], "5.2.1: an alias stands for the id"
    assert shared.ask("GET", "/exchange/collections/", who="none").said == {}, "5.1.1: none, and the key is left out"


@pytest.mark.parametrize(
    ("section", "method", "path", "who", "status"),
    [
        ("5.2", "GET", MISSING, "acme", 404),
        ("5.2", "GET", f"/exchange/collections/{INBOX.id}/", "bolt", 404),
        ("5.3", "GET", MISSING + "manifest/", "acme", 404),
        ("5.3", "GET", f"/exchange/collections/{INBOX.id}/manifest/", "acme", 403),
        ("5.4", "GET", f"/exchange/collections/{INBOX.id}/objects/", "acme", 403),
        ("5.4", "GET", f"/exchange/collections/{OURS.id}/objects/", "bolt", 404),
        ("5.5", "POST", f"/exchange/collections/{OURS.id}/objects/", "acme", 403),
        ("5.5", "POST", f"/exchange/collections/{OURS.id}/objects/", "bolt", 404),
        ("5.6", "GET", UNKNOWN, "acme", 404),
        ("5.6", "GET", OBJECTS + "no-id/", "acme", 404),
        ("5.6", "GET", UNKNOWN.replace(OPEN.id, INBOX.id), "acme", 403),
        ("5.7", "DELETE", UNKNOWN, "acme", 404),
        ("5.7", "DELETE", UNKNOWN.replace(OPEN.id, INBOX.id), "acme", 403),
        ("5.7", "DELETE", UNKNOWN.replace(OPEN.id, OURS.id), "acme", 403),
        ("5.7", "DELETE", UNKNOWN.replace(OPEN.id, OURS.id), "bolt", 404),
        ("5.8", "GET", UNKNOWN + "versions/", "acme", 404),
        ("5.8", "GET", UNKNOWN.replace(OPEN.id, INBOX.id) + "versions/", "acme", 403),
        ("4.3", "GET", "/exchange/status/2d086da7-4bdc-4f91-900e-d77486753710/", "acme", 404),
        ("4.2", "GET", "/elsewhere/", "acme", 404),
        ("3.1", "POST", MANIFEST, "acme", 405),
        ("3.1", "PUT", OBJECTS, "acme", 405),
    ],
)
def test_what_is_not_there_and_what_one_may_not(
    shared: Here, section: str, method: str, path: str, who: str, status: int
) -> None:
    told = shared.ask(method, path, body={"objects": [indicator()]}, who=who)
    assert (told.status, told.said["http_status"], told.headers["content-type"]) == (status, str(status), TAXII), (
        section
    )
    assert told.said["title"] and told.said["error_id"] and told.said["error_code"], "3.6.1"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("added_after=bad", 400), ("added_after=", 400), ("added_after=2026-01-01", 400),
        ("added_after=2026-13-01T00:00:00.000000Z", 400), ("added_after=2026-01-01T00:00:00.000000", 400),
        ("added_after=2026-01-01T00:00:00.000000Z", 200), ("added_after=2026-01-01T00:00:00Z", 200),
        ("added_after=2026-01-01T00:00:00.000000Z&added_after=2026-01-01T00:00:00.000000Z", 400),
        ("limit=0", 400), ("limit=-1", 400), ("limit=abc", 400), ("limit=", 400), ("limit=1.5", 400), ("limit=+1", 400),
        ("limit=%D9%A1", 400), ("limit=1", 200), ("limit=1000000", 200), ("limit=" + "9" * 5000, 400), ("limit=1&limit=2", 400),
        ("next=", 400), ("next=abc", 400), ("next=" + "A" * 11, 200), ("next=__________8", 400), ("next=%F0%9F%98%80", 400),
        (match(id="no-id"), 400), (match(id=""), 400), (match(id="a,"), 400), (match(type="indicator,"), 400),
        (match(type="indicator, malware"), 400), (match(type="x-never-heard-of"), 200), (match(type="indicator,malware"), 200),
        (match(version="never"), 400), (match(version="all,last"), 400), (match(version="last,last"), 400),
        (match(version=f"{AT},2026-01-01T00:00:00Z"), 400), (match(version=f"first,{AT},last"), 200),
        (match(version="all"), 200),
        (match(spec_version="2.1,2.0"), 200), (match(spec_version="two"), 400), (match(type="a\0b"), 400),
        (match(type="indicator") + "&" + match(type="malware"), 400), (match(confidence="50"), 200), ("unknown=1", 200),
        ("&".join(["a=1"] * 40), 400),
    ],
)  # fmt: skip
def test_3_4_malformed_parameters(shared: Here, query: str, status: int) -> None:
    for path in (OBJECTS, MANIFEST):
        told = shared.get(query, path)
        assert told.status == status and told.headers["content-type"] == TAXII


def filled(taxii: Here) -> tuple[Here, dict[str, str]]:
    """Two indicators with versions a1 a2 a3 (added in another order) and b1, an identity, an address without any version."""
    a, b = named("indicator"), named("indicator")
    days = {name: f"2026-01-0{day}T00:00:00.000Z" for name, day in (("a1", 1), ("a2", 2), ("a3", 3))}
    address = {"type": "ipv4-addr", "id": named("ipv4-addr"), "value": "198.51.100.7"}
    who = {
        "type": "identity",
        "spec_version": "2.1",
        "id": named("identity"),
        "created": AT,
        "modified": AT,
        "name": "us",
    }
    for one in (
        indicator(a, days["a2"]),
        indicator(b),
        indicator(a, days["a1"]),
        who,
        indicator(a, days["a3"]),
        address,
    ):
        assert taxii.post(one)["failure_count"] == 0
    return taxii, {"a": a, "b": b, "who": who["id"], "address": address["id"], **days}


@pytest.fixture(scope="module")
def versioned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Here, dict[str, str]]]:
    with here(tmp_path_factory.mktemp("versioned")) as found:
        yield filled(found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "b who a3 address"),
        ("match[version]=last", "b who a3 address"),
        ("match[version]=first", "b a1 who address"),
        ("match[version]=all", "a2 b a1 who a3 address"),
        ("match[version]=first,last", "b a1 who a3 address"),
        ("match[version]=2026-01-02T00:00:00.000Z", "a2"),
        ("match[version]=2026-01-02T00:00:00Z", "a2"),
        ("match[version]=2026-01-02T00:00:00.000Z,last", "a2 b who a3 address"),
        ("match[type]=indicator", "b a3"),
        ("match[type]=identity,ipv4-addr", "who address"),
        ("match[id]={a}", "a3"),
        ("match[id]={a},{b}", "b a3"),
        ("match[id]={a}&match[type]=identity", ""),
        ("match[id]={a}&match[version]=all", "a2 a1 a3"),
        ("match[spec_version]=2.1", "b who a3 address"),
        ("match[spec_version]=2.0", ""),
        ("match[type]=malware", ""),
        ("limit=2", "b who"),
        ("limit=1&match[type]=ipv4-addr", "address"),
    ],
)
def test_3_4_1_what_is_matched_in_the_order_in_which_it_was_added(
    versioned: tuple[Here, dict[str, str]], query: str, found: str
) -> None:
    taxii, names = versioned
    told, listed = taxii.get(query.format(**names)), taxii.get(query.format(**names), MANIFEST)
    expected = [names[one[0] if one[0] in "ab" and len(one) < 3 else one] for one in found.split()]
    assert told.ids == listed.ids == expected
    records = listed.said.get("objects", [])
    assert [one["date_added"] for one in records] == sorted(one["date_added"] for one in records)
    assert all(STAMP.fullmatch(one["date_added"]) and one["media_type"] == STIX for one in records)
    if records:  # 3.2: of the first and the last in the response
        assert [told.headers[name] for name in DATES] == [records[0]["date_added"], records[-1]["date_added"]]
    else:
        assert told.said == listed.said == {}, "3.7, 5.3.1: an empty object"
    assert all(STAMP.fullmatch(answer.headers[name]) for answer in (told, listed) for name in DATES)
    assert told.said.get("more", False) is ("limit=2" in query)


def test_3_5_pages_go_on_by_next_or_by_the_last_date(versioned: tuple[Here, dict[str, str]]) -> None:
    taxii, names = versioned
    whole = taxii.get("match[version]=all").ids
    for path in (OBJECTS, MANIFEST):
        by_next, by_date, query, after = [], [], "", ""
        while query is not None:
            told = taxii.get(f"match[version]=all&limit=2{query}", path)
            by_next += told.ids
            query = f"&next={told.said['next']}" if told.said.get("more") else None
        while after is not None:
            told = taxii.get(f"match[version]=all&limit=2{after}", path)
            by_date += told.ids
            after = f"&added_after={told.headers[DATES[1]]}" if told.said.get("more") else None
        assert by_next == by_date == whole
    assert taxii.get(f"next={taxii.get('limit=1').said['next']}&match[type]=ipv4-addr").ids == [names["address"]], (
        "B: what `next` says is read within the query that it comes with"
    )


def test_5_6_an_object_and_5_8_its_versions(versioned: tuple[Here, dict[str, str]]) -> None:
    taxii, names = versioned
    place = f"{OBJECTS}{names['a']}/"
    assert [one["modified"] for one in taxii.get("", place).said["objects"]] == [names["a3"]]
    assert [one["modified"] for one in taxii.get("match[version]=all", place).said["objects"]] == [
        names[one] for one in ("a2", "a1", "a3")
    ]
    assert taxii.get("match[spec_version]=2.0", place).said == {} and taxii.get("match[version]=x", place).status == 400
    told = taxii.get("", place + "versions/")
    assert told.said == {"versions": [names["a2"], names["a1"], names["a3"]]}
    assert all(STAMP.fullmatch(told.headers[name]) for name in DATES)
    first = taxii.get("limit=2", place + "versions/").said
    assert first["more"] and taxii.get(f"next={first['next']}", place + "versions/").said == {"versions": [names["a3"]]}
    (version,) = taxii.get("", f"{OBJECTS}{names['address']}/versions/").said["versions"]
    assert taxii.get(f"match[version]={version}", f"{OBJECTS}{names['address']}/").ids == [names["address"]]


def test_5_7_what_is_deleted_is_gone(taxii: Here) -> None:
    _, names = filled(taxii)
    place = f"{OBJECTS}{names['a']}/"

    def gone(query: str = "", who: str = "acme") -> Told:
        return taxii.ask("DELETE", place, query, who=who)

    assert gone("match[type]=indicator").status == gone("added_after=2026-01-01T00:00:00.000000Z").status == 400
    assert gone("match[version]=2020-01-01T00:00:00.000Z").status == gone("match[spec_version]=2.0").status == 404
    assert gone(who="bolt").status == 403, "it can be read, and is another's"
    assert gone("match[version]=last").status == 200
    assert taxii.get("", place).said["objects"][0]["modified"] == names["a2"], "the one before is the last now"
    assert gone("match[version]=first").status == 200
    assert taxii.get("match[version]=first", place).said["objects"][0]["modified"] == names["a2"]
    told = gone()
    assert (told.status, told.body, told.headers["content-type"]) == (200, b"", TAXII)
    assert taxii.get("", place).status == taxii.get("", place + "versions/").status == gone().status == 404
    assert names["a"] not in taxii.get("match[version]=all", MANIFEST).ids


def test_5_5_what_is_there_already_is_no_failure(taxii: Here) -> None:
    one, address = indicator(), {"type": "ipv4-addr", "id": named("ipv4-addr"), "value": "198.51.100.7"}
    first, again = taxii.post(one, address), taxii.post(one, address, one)
    assert first["successes"] == again["successes"][:2] and again["failure_count"] == 0
    assert len(taxii.get("match[version]=all").ids) == 2
    assert taxii.post(one, who="bolt")["success_count"] == 1, "whoever else brings it, as it is"
    other = taxii.post({**one, "confidence": 1})
    assert other["failures"][0]["id"] == one["id"] and "later `modified`" in other["failures"][0]["message"]
    theirs = taxii.post(indicator(one["id"], LATER), who="bolt")
    assert theirs["failure_count"] == 1 and "another partner" in theirs["failures"][0]["message"]


def test_4_3_the_status_of_a_post(taxii: Here) -> None:
    good, bad = indicator(), {**indicator(), "spec_version": "2.0"}
    told = taxii.post(good, bad)
    assert told["status"] == "complete" and STAMP.fullmatch(told["request_timestamp"])
    assert (told["total_count"], told["success_count"], told["failure_count"], told["pending_count"]) == (2, 1, 1, 0)
    assert told["successes"] == [{"id": good["id"], "version": AT}]
    assert (told["failures"][0]["id"], told["failures"][0]["version"]) == (bad["id"], AT)
    assert "pendings" not in told
    place = f"/exchange/status/{told['id']}/"
    assert taxii.ask("GET", place).said == told and taxii.ask("GET", place, who="bolt").status == 404


def test_4_3_a_large_post_is_pending_first(taxii: Here) -> None:
    ones = [indicator() for _ in range(1_200)]
    told = taxii.post(*ones, {"type": "indicator"})
    assert (told["status"], told["pending_count"], len(told["pendings"]), taxii.woken) == (
        "pending",
        1_201,
        1_201,
        [True],
    )
    assert taxii.received.work({OPEN.id: OPEN})
    half = taxii.ask("GET", f"/exchange/status/{told['id']}/").said
    assert (half["status"], half["success_count"], half["pending_count"]) == ("pending", 500, 701)
    taxii.work()
    done = taxii.ask("GET", f"/exchange/status/{told['id']}/").said
    assert (done["status"], done["success_count"], done["failure_count"]) == ("complete", 1_200, 1)
    assert taxii.get().ids + taxii.get(f"next={taxii.get().said['next']}").ids == [one["id"] for one in ones]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422), (b"{", 422), (b"[]", 422), (b"null", 422), (b"{}", 422), (b'{"objects":[]}', 422), (b'{"objects":{}}', 422),
        (b'{"objects":[1]}', 422), (b'{"objects":[NaN]}', 422), (b"\xff", 422), (b"[" * 100_000, 422),
        (b'{"objects":[{}]}', 202), (b'{"objects":[{"type":"indicator","id":"\\u0000"}]}', 202),
        (b'{"objects":[{"type":"x-deep","id":"' + named("x-deep").encode() + b'","a":' + b"[" * 900 + b"]" * 900 + b"}]}", 202),
        (b'{"x_more":1,"objects":[{}]}', 202), (b" " * (1 << 20), 422), (b" " * ((1 << 20) + 1), 413),
    ],
)  # fmt: skip
def test_5_5_bodies(shared: Here, body: bytes, status: int) -> None:
    told = shared.ask("POST", OBJECTS, body=body)
    assert told.status == status
    assert status != 202 or (told.said["failure_count"], told.said["success_count"]) == (1, 0)


def test_413_of_more_values_than_are_read_at_once(tmp_path: Path) -> None:
    """Four megabytes that a parser would make hundreds of."""
    with here(tmp_path, 8 << 20) as taxii:
        told = taxii.ask("POST", OBJECTS, body=b'{"objects":[{"a":[' + b"[]," * 1_000_001 + b"1]}]}")
    assert (told.status, told.said["error_code"]) == (413, "too_many_values")


def test_413_is_told_before_the_body_has_come(shared: Here) -> None:
    assert shared.ask("POST", OBJECTS, body=b"", content_length=str((1 << 20) + 1)).status == 413


def test_3_7_objects_come_back_as_they_were_sent(taxii: Here) -> None:
    odd = indicator(x_odd={"ü\u2028": [1.5, None, True, -1, 1e300], "n": {}}, description="\u202e\U0001f600", labels=[])
    tlp = {"type": "marking-definition", "spec_version": "2.1", "created": "2022-10-01T00:00:00.000Z", "name": "TLP:CLEAR",
           "id": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"}  # fmt: skip
    assert taxii.post(EXTENSION, odd, tlp)["failure_count"] == 0
    assert taxii.get().said == {"objects": [EXTENSION, odd, tlp]}
    assert taxii.get("limit=1").said["objects"] == [EXTENSION], "its property `version` is no version of the object"
    assert [one["version"] for one in taxii.get("", MANIFEST).said["objects"]] == [AT, AT, "2022-10-01T00:00:00.000Z"]
    assert taxii.post({**tlp, "name": "TLP:WHITE"}, who="bolt")["failure_count"] == 0, (
        "written differently, and the same"
    )
