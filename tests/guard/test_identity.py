"""Who sent a request: headers, keys, and nobody."""

from __future__ import annotations

import http.client
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from guard_files import acting

from stillwatch.errors import BadConfiguration
from stillwatch.guard.identity import NOBODY, Identity, Who, of_litellm, read_keys
from stillwatch.pseudonyms import Pseudonyms

KEYS = Pseudonyms(b"k" * 32)
KNOWN = {sha256(b"sk-1").hexdigest(): ("a", "o")}


@pytest.mark.parametrize(
    ("headers", "account", "organization", "has_key"),
    [
        ({b"authorization": b"Bearer sk-1"}, "a", "o", True),
        ({b"authorization": b"bearer  sk-1 "}, "a", "o", True),
        ({b"x-api-key": b"sk-1"}, "a", "o", True),
        ({b"api-key": b"sk-1"}, "a", "o", True),
        ({b"authorization": b"Bearer other"}, "", "", True),
        ({b"authorization": b"Basic sk-1"}, "", "", False),
        ({b"authorization": b"Bearer other", b"x-account": b"b"}, "b", "", True),
        ({b"x-api-key": b"sk-1", b"x-account": b"b", b"x-org": b"p"}, "b", "p", True),
        ({}, "", "", False),
    ],
)
def test_who_sent_it(headers: dict[bytes, bytes], account: str, organization: str, has_key: bool) -> None:
    who = Identity(KEYS, b"x-account", b"x-org", KNOWN).of(headers)
    assert (who.account, who.organization, bool(who.key)) == (account, organization, has_key)
    assert who.logged == account or who.logged.startswith("key_") or (who.logged == NOBODY and not has_key)
    assert "sk-1" not in str(who) and "sk-1" not in who.logged


def test_a_known_key_is_found_beside_one_that_is_made_up() -> None:
    identity = Identity(KEYS, accounts=KNOWN)
    assert identity.of({b"authorization": b"Bearer made-up", b"x-api-key": b"sk-1"}).account == "a"
    assert identity.of({b"x-api-key": b"made-up", b"api-key": b"sk-1"}).key == "sk-1"


def test_of_two_keys_in_one_header_the_first_counts_as_servers_have_it(place: Any) -> None:
    placed = place(acting())
    line = http.client.HTTPConnection(placed.address.removeprefix("http://"))
    for first, second, status in (("campaign", "made-up", 403), ("honest", "made-up", 200)):
        line.putrequest("POST", "/v1/chat/completions")
        for key in (first, second):
            line.putheader("Authorization", f"Bearer sk-{key}")
        body = b'{"model": "m", "messages": []}'
        line.putheader("Content-Length", str(len(body)))
        line.endheaders(body)
        answer = line.getresponse()
        assert (answer.status, bool(answer.read())) == (status, True)
    line.close()


def test_a_header_counts_only_where_it_was_set_up() -> None:
    assert Identity(KEYS).of({b"x-account": b"b", b"": b"c"}).account == ""


@pytest.mark.parametrize(
    ("told", "who"),
    [
        ({"user_id": "u", "team_id": "t", "org_id": "o", "hash": "h"}, Who("u", "o", "u", "h")),
        ({"user_id": None, "team_id": "t", "hash": "h"}, Who("t", "", "t", "h")),
        ({"user_id": "default_user_id", "hash": "h"}, Who("h", "", "h", "h")),
        ({"user_id": 1, "hash": []}, Who("1", "", "1")),
        ({}, Who()),
    ],
)
def test_litellms_names_are_those_that_scan_reads_from_its_logs(told: dict[str, str], who: Who) -> None:
    assert of_litellm({f"user_api_key_{name}": value for name, value in told.items()}) == who


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", '{"key_sha256": "sk-1", "account_id": "a"}', '{"key_sha256": 1, "account_id": "a"}']
)
def test_a_table_of_keys(tmp_path: Path, line: str) -> None:
    path = tmp_path / "keys.jsonl"
    good = f'{{"key_sha256": "{sha256(b"sk-1").hexdigest()}", "account_id": "a", "organization_id": "o"}}\n\n'
    path.write_text(good)
    assert read_keys(path) == KNOWN
    path.write_text(good + line)
    with pytest.raises(BadConfiguration, match=r"keys\.jsonl:3"):
        read_keys(path)
