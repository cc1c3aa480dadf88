"""Tokens are equal for equal values of a kind, under one key; keys are safe to keep."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import pickle
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.addresses import address_and_network, address_tokens
from stillwatch.errors import BadConfiguration
from stillwatch.pseudonyms import KEY_VARIABLE, Pseudonyms, load_key

KEY = bytes(range(32))
ERRORS = Path(__file__).parent / "errors"


@settings(max_examples=60, deadline=None)
@given(
    st.binary(min_size=32, max_size=100),
    st.text(max_size=10),
    st.lists(st.one_of(st.none(), st.text(max_size=200)), max_size=20),
)
def test_tokens_are_hmac_sha256_cut_to_72_bits(key: bytes, kind: str, values: list[str | None]) -> None:
    keys = Pseudonyms(key)
    for value, token in zip(values, keys.tokens(kind, pa.array(values, pa.string())).to_pylist(), strict=True):
        if not value:
            assert token is None
        else:
            digest = hmac.new(key, kind.encode() + b"\0" + value.encode(), hashlib.sha256).digest()
            assert token == base64.urlsafe_b64encode(digest)[:12].decode() == keys.token(kind, value)


def test_kinds_keys_and_values_are_told_apart() -> None:
    one, other = Pseudonyms(KEY), Pseudonyms(KEY[::-1])
    tokens = {one.token("address", "1"), one.token("phone", "1"), one.token("phone", "2"), other.token("phone", "2")}
    assert len(tokens) == 4


def test_the_key_travels_by_pickle_and_stays_out_of_text() -> None:
    keys = pickle.loads(pickle.dumps(Pseudonyms(KEY)))
    assert keys.token("a", "b") == Pseudonyms(KEY).token("a", "b")
    assert repr(KEY)[2:12] not in repr(keys)


@pytest.mark.parametrize(
    ("value", "spelled", "network"),
    [
        ("203.0.113.77", "203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.77", "203.0.113.0/24"),
        ("2001:DB8:0:1::0001", "2001:db8:0:1::1", "2001:db8::/48"),
        ("[2001:db8::1]", "2001:db8::1", "2001:db8::/48"),
        ("203.0.113.777", "203.0.113.777", None),
        ("tok_4f1b", "tok_4f1b", None),
    ],
)
def test_an_address_has_one_spelling_and_one_network(value: str, spelled: str, network: str | None) -> None:
    keys = Pseudonyms(KEY)
    assert address_and_network(value) == (spelled, network)
    address, prefix = address_tokens(pa.array([value, None, "198.51.100.1"]), keys)
    assert address.to_pylist() == [keys.token("address", spelled), None, keys.token("address", "198.51.100.1")]
    assert prefix.to_pylist()[0] == (network and keys.token("prefix", network))


def test_a_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "pseudonyms.key"
    first = load_key(path, {})
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(path.read_text())) == 32
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert load_key(path, {}).token("a", "b") == first.token("a", "b")


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    expected = Pseudonyms(KEY).token("a", "b")
    for text in (KEY.hex(), base64.b64encode(KEY).decode(), base64.urlsafe_b64encode(KEY).decode().rstrip("=")):
        assert load_key(tmp_path / "unused", {KEY_VARIABLE: text}).token("a", "b") == expected
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize(
    ("name", "content", "mode", "environment"),
    [
        ("key_missing", None, 0, {}),
        ("key_open_to_others", "00" * 32, 0o644, {}),
        ("key_too_short", "abcd", 0o600, {}),
        ("key_of_no_known_form", None, 0, {KEY_VARIABLE: "not a key!"}),
    ],
)
def test_a_key_that_cannot_be_used_says_why(
    tmp_path: Path, name: str, content: str | None, mode: int, environment: dict[str, str]
) -> None:
    path = tmp_path / "pseudonyms.key" if content else None
    if path and content:
        path.write_text(content)
        os.chmod(path, mode)
    with pytest.raises(BadConfiguration) as caught:
        load_key(path, environment)
    assert str(caught.value).replace(str(tmp_path), "LOG") + "\n" == (ERRORS / f"{name}.txt").read_text()
