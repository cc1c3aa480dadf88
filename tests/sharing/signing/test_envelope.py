"""DSSE over Ed25519: vectors of the standards, other implementations on either side, and every bit turned once."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from stillwatch.errors import NotGenuine, StillwatchError, UnknownFormat
from stillwatch.sharing.signing import keys, statement
from stillwatch.sharing.signing.envelope import PAYLOAD_TYPE, Envelope, pae, read, signers
from stillwatch.sharing.signing.keys import Key

NOW = 1_795_816_800.0
RFC_8032 = [  # section 7.1: secret key, message, signature
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


def private(number: int = 1) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def public(number: int = 1, **said: float) -> Key:
    key = private(number).public_key()
    return Key(keys.keyid(key), f"owner {number}", key, **said)


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, bytes]:
    file = tmp_path / "package.stix.json"
    file.write_bytes(b'{"type":"bundle"}')
    return file, statement.sign(file, private(), 30, NOW, None).written()


@pytest.mark.parametrize(("secret", "message", "signature"), RFC_8032)
def test_ed25519_of_the_rfc(secret: str, message: str, signature: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert key.sign(bytes.fromhex(message)).hex() == signature


def test_what_is_signed_is_as_the_protocol_s_own_example_has_it() -> None:
    assert (
        pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "


def test_others_verify_what_we_sign(signed: tuple[Path, bytes]) -> None:
    """securesystemslib, by which in-toto and Sigstore's Python tools check envelopes."""
    theirs = TheirEnvelope.from_dict(json.loads(signed[1]))
    key = SSlibKey.from_crypto(private().public_key(), keyid=public().keyid)
    assert set(theirs.verify([key], 1)) == {public().keyid}
    told = json.loads(theirs.payload)
    assert told["_type"] == "https://in-toto.io/Statement/v1" and theirs.payload_type == "application/vnd.in-toto+json"
    with pytest.raises(VerificationError):
        theirs.verify([SSlibKey.from_crypto(private(2).public_key(), keyid=public().keyid)], 1)


def test_we_verify_what_others_sign(signed: tuple[Path, bytes]) -> None:
    file, ours = signed
    signer = CryptoSigner(private(2), SSlibKey.from_crypto(private(2).public_key(), keyid=public(2).keyid))
    theirs = TheirEnvelope(read(ours, "ours").payload, PAYLOAD_TYPE, {})
    theirs.sign(signer)
    said, by = statement.verify(file, read(json.dumps(theirs.to_dict()).encode(), "theirs"), [public(2)], 1, NOW)
    assert [one.owner for one in by] == ["owner 2"] and said.name == "package.stix.json"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_verifies_it(signed: tuple[Path, bytes], tmp_path: Path) -> None:
    made = read(signed[1], "ours")
    (tmp_path / "pae").write_bytes(pae(made.payload_type, made.payload))
    (tmp_path / "sig").write_bytes(made.signatures[0].sig)
    (tmp_path / "pub").write_text(keys.pem(private().public_key()))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "pub", "-rawin", "-in", "pae", "-sigfile", "sig"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_bit_of_the_signature_file_counts(signed: tuple[Path, bytes]) -> None:
    """A line end that became another space is the one change that says nothing else."""
    file, raw = signed
    trusted = [public()]
    statement.verify(file, read(raw, "x"), trusted, 1, NOW)
    held = []
    for place in range(len(raw)):
        for bit in range(8):
            turned = bytearray(raw)
            turned[place] ^= 1 << bit
            try:
                statement.verify(file, read(bytes(turned), "x"), trusted, 1, NOW)
                held.append((place, bytes(turned[-1:])))
            except (NotGenuine, UnknownFormat):
                pass
    assert {place for place, _ in held} <= {len(raw) - 1} and {end for _, end in held} <= {b" ", b"\t", b"\r"}


def test_every_bit_of_the_file_counts(signed: tuple[Path, bytes]) -> None:
    file, raw = signed
    made, whole = read(raw, "x"), file.read_bytes()
    for place in range(len(whole)):
        for bit in range(8):
            turned = bytearray(whole)
            turned[place] ^= 1 << bit
            file.write_bytes(bytes(turned))
            with pytest.raises(NotGenuine, match="the file is not what was signed"):
                statement.verify(file, made, [public()], 1, NOW)
    for part in range(len(raw) - 1):
        with pytest.raises(UnknownFormat):
            read(raw[:part], "x")


def rewritten(raw: bytes, **said: object) -> bytes:
    return json.dumps({**json.loads(raw), **said}).encode()


def resigned(raw: bytes, kind: str, payload: bytes) -> bytes:
    return Envelope(payload, kind, ()).signed(private()).written()


ANOTHER = {"keyid": public(2).keyid, "sig": "AA=="}
REFUSED = [
    ("another payload type", lambda raw: rewritten(raw, payloadType="application/json"), "payload of type"),
    ("of another type, signed", lambda raw: resigned(raw, "text/plain", read(raw, "x").payload), "payload of type"),
    ("signed, and no statement", lambda raw: resigned(raw, PAYLOAD_TYPE, b"[1]"), "says nothing of a file"),
    ("of another kind", lambda raw: resigned(raw, PAYLOAD_TYPE, read(raw, "x").payload.replace(b"urn:", b"u:")), "of another"),
    ("of another key alone", lambda raw: rewritten(raw, signatures=[ANOTHER]), "none of these keys has signed it"),
    ("no signature", lambda raw: rewritten(raw, signatures=[]), "no signature"),
    ("a field that nobody signed", lambda raw: rewritten(raw, note="trust me"), "other fields"),
    ("a signature cut short", lambda raw: rewritten(raw, signatures=[{**ANOTHER, "keyid": public().keyid}]), "does not hold"),
    ("nothing", lambda raw: b"", "no signature file"),
    ("a list", lambda raw: b"[]", "no signature file"),
    ("too long", lambda raw: raw + b" " * 1_000_000, "too large"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_does_not_hold_is_refused(signed: tuple[Path, bytes], change: object, why: str) -> None:
    file, raw = signed
    with pytest.raises(StillwatchError, match=why) as told:
        statement.verify(file, read(change(raw), str(file)), [public()], 1, NOW)  # type: ignore[operator]
    assert isinstance(told.value, NotGenuine | UnknownFormat) and told.value.exit_code in (21, 11)


DAY = 86_400.0
TIMES = [  # when the key is good, when the signature is looked at, and why it does not count
    ("in force", {}, NOW + 29 * DAY, ""),
    ("over", {}, NOW + 30 * DAY, "was good until"),
    ("before it was made", {}, NOW - 3_600, "in the future"),
    ("clocks a minute apart", {}, NOW - 60, ""),
    ("a key that ended since", {"begins": 0.0, "ends": NOW + DAY}, NOW + 2 * DAY, ""),
    ("a key that had ended", {"begins": 0.0, "ends": NOW - DAY}, NOW, "not when it signed"),
    ("a key not yet begun", {"begins": NOW + DAY, "ends": NOW + 2 * DAY}, NOW, "not when it signed"),
    ("a key that was lost since", {"ended_at": NOW + DAY}, NOW + 2 * DAY, "was ended on"),
    ("a key that is lost later", {"ended_at": NOW + DAY}, NOW, ""),
]  # fmt: skip


@pytest.mark.parametrize(("key", "now", "why"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_times(signed: tuple[Path, bytes], key: dict[str, float], now: float, why: str) -> None:
    file, raw = signed
    if why:
        with pytest.raises(NotGenuine, match=why):
            statement.verify(file, read(raw, "x"), [public(**key)], 1, now)
    else:
        assert statement.verify(file, read(raw, "x"), [public(**key)], 1, now)[1]


def test_several_signatures(signed: tuple[Path, bytes]) -> None:
    file, raw = signed
    both = statement.sign(file, private(2), 30, NOW + 5, read(raw, "x"))
    assert statement.sign(file, private(2), 30, NOW + 9, both) == both  # Ed25519 draws nothing
    trusted = [public(1), public(2), public(3)]
    assert len(statement.verify(file, both, trusted, 2, NOW + 9)[1]) == 2
    with pytest.raises(NotGenuine, match="2 of 3 signatures count"):
        statement.verify(file, both, trusted, 3, NOW + 9)
    once = Envelope(both.payload, both.payload_type, (both.signatures[0],) * 3)
    with pytest.raises(NotGenuine, match="1 of 2"):
        statement.verify(file, once, trusted, 2, NOW + 9)  # one key is one signer, however often it signs
    file.write_bytes(b"changed")
    with pytest.raises(StillwatchError, match="of another file"):
        statement.sign(file, private(3), 30, NOW, both)


def test_a_signature_without_a_key_id_is_tried_against_all(signed: tuple[Path, bytes]) -> None:
    told = json.loads(signed[1])
    del told["signatures"][0]["keyid"]
    assert [one.owner for one in signers(read(json.dumps(told).encode(), "x"), [public(2), public(1)], "x")] == [
        "owner 1"
    ]
