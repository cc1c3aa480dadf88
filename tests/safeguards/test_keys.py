"""Keys: the same for everybody with the secret, another for each scope, epoch and secret, and never in a text."""

from __future__ import annotations

import hashlib
import json

import pytest

from stillwatch.safeguards.watermark.keys import ALL, Epoch, Secret, commitment, epoch

SECRET = bytes(range(32))
WEEK = Epoch(604_800, 1_209_600)


def test_a_key_is_what_sglang_takes_with_a_request_and_always_the_same() -> None:
    made, again = Secret(SECRET).key(ALL, WEEK), Secret(SECRET).key(ALL, WEEK)
    assert made == again and len(made.key) == 16 and int(made.key, 16) < 2**64


@pytest.mark.parametrize(
    ("secret", "scope", "when"),
    [
        (bytes(32), ALL, WEEK),
        (SECRET, "C-1", WEEK),
        (SECRET, ALL, WEEK.next()),
        (SECRET, ALL, Epoch(WEEK.begins, WEEK.ends + 1)),
    ],
)
def test_another_secret_scope_or_epoch_has_another_key(secret: bytes, scope: str, when: Epoch) -> None:
    one, other = Secret(SECRET).key(ALL, WEEK), Secret(secret).key(scope, when)
    assert {one.key, one.nonce, one.commitment}.isdisjoint({other.key, other.nonce, other.commitment})


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (604_800.0, WEEK),
        (1_209_599.9, WEEK),
        (1_209_600.0, WEEK.next()),
    ],
)
def test_epochs_follow_each_other_without_a_gap(at: float, told: Epoch) -> None:
    assert epoch(at, 604_800) == told


def test_anybody_can_work_a_commitment_out_from_what_is_shown() -> None:
    made = Secret(SECRET).key("C-1", WEEK)
    said = ["stillwatch watermark commitment", "C-1", WEEK.begins, WEEK.ends, made.key, made.nonce]
    plain = json.dumps(said, separators=(",", ":"))
    assert made.commitment == hashlib.sha256(plain.encode()).hexdigest()
    assert made.commitment == commitment("C-1", WEEK, made.key, made.nonce)


def test_neither_key_nor_secret_is_in_a_text() -> None:
    made = Secret(SECRET).key(ALL, WEEK)
    assert made.key not in repr(made) and made.nonce not in repr(made)
    assert SECRET.hex() not in repr(Secret(SECRET)) and str(SECRET) not in repr(Secret(SECRET))
