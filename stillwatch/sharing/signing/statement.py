"""What a signature says: this file, by its digest, was signed then and counts until then. An in-toto statement, version 1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.errors import BadConfiguration, NotGenuine
from stillwatch.safeguards.chain import instant, seconds
from stillwatch.sharing.signing import envelope as envelopes
from stillwatch.sharing.signing.envelope import PAYLOAD_TYPE, Envelope
from stillwatch.sharing.signing.keys import Key

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:stillwatch:signed-file:v1"
CLOCKS = 300.0  # seconds by which the clocks of two organisations may differ


@dataclass(frozen=True)
class Statement:
    """Of one file."""

    name: str  # of the file when it was signed; it may be called otherwise by now
    sha256: str
    signed_at: float  # seconds since 1970
    expires_at: float


def sign(file: Path, key: Ed25519PrivateKey, days: float, now: float, before: Envelope | None) -> Envelope:
    """An envelope for a file; with `before`, that envelope with one more signature under what it says already."""
    sha256 = digest(file)
    if before is None:
        said = Statement(file.name, sha256, now, now + days * 86_400)
        return Envelope(_payload(said), PAYLOAD_TYPE, ()).signed(key)
    if (there := statement(before, str(file))).sha256 != sha256:
        raise BadConfiguration(
            "the signature that is there is of another file", str(file), f"the file with SHA-256 {there.sha256}",
            "another --out, or take the old signature away",
        )  # fmt: skip
    if there.expires_at <= now:
        raise BadConfiguration(
            f"the signature that is there was good until {instant(there.expires_at)}", str(file), "one in force",
            "take it away and sign anew",
        )  # fmt: skip
    return before.signed(key)


def verify(
    file: Path, envelope: Envelope, keys: Sequence[Key], threshold: int, now: float
) -> tuple[Statement, tuple[Key, ...]]:
    """What is said of a file and by whom, once that many keys have said it, of these bytes, in force now."""
    return verified(digest(file), str(file), envelope, keys, threshold, now)


def verified(
    sha256: str, where: str, envelope: Envelope, keys: Sequence[Key], threshold: int, now: float
) -> tuple[Statement, tuple[Key, ...]]:
    """The same for bytes that were read already, by their digest in hexadecimal: what is checked is what is then used."""
    signers = envelopes.signers(envelope, keys, where)
    if not signers:
        names = ", ".join(one.keyid[:16] or "a key without a name" for one in envelope.signatures)
        raise NotGenuine(f"none of these keys has signed it, but {names}", where, "a signature of a key that you hold")
    said = statement(envelope, where)
    refused = {key.keyid: why for key in signers if (why := key.why_not(said.signed_at, now))}
    good = tuple(key for key in signers if key.keyid not in refused)
    if len(good) < threshold:
        told = "; ".join(refused.values()) or "the others are missing"
        raise NotGenuine(f"{len(good)} of {threshold} signatures count: {told}", where, "signatures of keys in force")
    if said.signed_at > now + CLOCKS:
        raise NotGenuine(f"it was signed in the future, {instant(said.signed_at)}", where, "clocks that agree")
    if said.expires_at <= now:
        raise NotGenuine(
            f"the signature was good until {instant(said.expires_at)}", where, "one in force", "ask for a new one"
        )
    if said.sha256 != sha256:
        raise NotGenuine(
            "the file is not what was signed", where, f"the file with SHA-256 {said.sha256}",
            "get it again, and ask whoever sent it by another way",
        )  # fmt: skip
    return said, good


def statement(envelope: Envelope, where: str) -> Statement:
    """What an envelope says; its signatures are looked at by `verify`."""
    try:
        told = json.loads(envelope.payload)
        (subject,) = told["subject"]
        if told["_type"] != STATEMENT or told["predicateType"] != PREDICATE:
            raise ValueError(f"a statement of another kind, {told['predicateType']!r}")
        when = told["predicate"]
        return Statement(
            str(subject["name"]),
            str(subject["digest"]["sha256"]),
            seconds(when["signed_at"]),
            seconds(when["expires_at"]),
        )
    except (ValueError, KeyError, TypeError) as problem:
        raise NotGenuine(
            f"it is signed, and says nothing of a file: {problem!r}", where, f"a statement {PREDICATE}"
        ) from None


def digest(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as problem:
        raise BadConfiguration(f"not readable: {problem.strerror}", str(file), "a file") from None


def _payload(said: Statement) -> bytes:
    document = {
        "_type": STATEMENT, "subject": [{"name": said.name, "digest": {"sha256": said.sha256}}], "predicateType": PREDICATE,
        "predicate": {"signed_at": instant(said.signed_at), "expires_at": instant(said.expires_at)},
    }  # fmt: skip
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
