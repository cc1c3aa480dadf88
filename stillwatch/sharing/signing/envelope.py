"""DSSE version 1: a payload, its type, and signatures over both (secure-systems-lab/dsse, protocol.md).

Stricter than DSSE where that leaves room: fields that no signature covers are refused, and a key id has to be the key's own.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stillwatch.errors import BadConfiguration, NotGenuine, UnknownFormat
from stillwatch.sharing.signing.keys import Key, keyid

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MOST_BYTES = 1_000_000  # of an envelope: a statement of one file and some signatures
MOST_SIGNATURES = 64


@dataclass(frozen=True)
class Signature:
    keyid: str  # a hint, empty when not given
    sig: bytes


@dataclass(frozen=True)
class Envelope:
    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    def signed(self, key: Ed25519PrivateKey) -> Envelope:
        """With one more signature; the same when the key has signed before."""
        name = keyid(key.public_key())
        made = Signature(name, key.sign(pae(self.payload_type, self.payload)))
        others = tuple(one for one in self.signatures if one.keyid != name)
        return Envelope(self.payload, self.payload_type, (*others, made))

    def written(self) -> bytes:
        """As JSON."""
        signatures = [{"keyid": one.keyid, "sig": base64.b64encode(one.sig).decode()} for one in self.signatures]
        document = {
            "payloadType": self.payload_type, "payload": base64.b64encode(self.payload).decode(), "signatures": signatures,
        }  # fmt: skip
        return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def pae(payload_type: str, payload: bytes) -> bytes:
    """What is signed: lengths before texts, so that no two pairs have the same."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def at(path: Path) -> Envelope:
    """The envelope of a signature file."""
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise BadConfiguration(
            f"the signature cannot be read: {problem.strerror}",
            str(path),
            "a DSSE envelope, as stillwatch share sign makes it",
        ) from None
    return read(raw, str(path))


def read(raw: bytes, where: str) -> Envelope:
    """An envelope of its JSON; nothing is verified yet."""
    allowed = '{"payloadType", "payload", "signatures": [{"keyid", "sig"}]}, base64: a DSSE envelope, whole'
    if len(raw) > MOST_BYTES:
        raise UnknownFormat("the signature file is too large", where, f"up to {MOST_BYTES:,} bytes")
    try:
        told = json.loads(raw.decode(), object_pairs_hook=_once)
        if (
            told.keys() != {"payloadType", "payload", "signatures"}
            or not 0 < len(told["signatures"]) <= MOST_SIGNATURES
        ):
            raise ValueError("other fields than an envelope has, or no signature")
        envelope = Envelope(
            _bytes(told["payload"]), str(told["payloadType"]), tuple(_signature(one) for one in told["signatures"])
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise UnknownFormat(f"no signature file: {problem}", where, allowed) from None
    return envelope


def signers(envelope: Envelope, keys: Sequence[Key], where: str) -> tuple[Key, ...]:
    """Which of these keys have signed it, each once. A signature that names one of them and is not its own is an error."""
    if envelope.payload_type != PAYLOAD_TYPE:
        raise NotGenuine(f"payload of type {envelope.payload_type[:80]!r}", where, PAYLOAD_TYPE)
    message, found = pae(envelope.payload_type, envelope.payload), dict[str, Key]()
    for one in envelope.signatures:
        for key in keys:
            if one.keyid in ("", key.keyid) and _holds(key.public, one.sig, message):
                found[key.keyid] = key
            elif one.keyid == key.keyid:
                raise NotGenuine(
                    f"the signature of key {key.keyid[:16]} does not hold", where, "what was signed, unchanged",
                    "get file and signature again, and ask whoever sent them by another way",
                )  # fmt: skip
    return tuple(found.values())


def _holds(public: Ed25519PublicKey, sig: bytes, message: bytes) -> bool:
    try:
        public.verify(sig, message)
    except InvalidSignature:
        return False
    return True


def _signature(row: Any) -> Signature:
    if not isinstance(row, dict) or not {"sig"} <= row.keys() <= {"sig", "keyid"}:
        raise ValueError("a signature with other fields than keyid and sig")
    return Signature(str(row.get("keyid") or ""), _bytes(row["sig"]))


def _bytes(text: Any) -> bytes:
    """Base64, in either alphabet, and in no other writing of the same bytes."""
    plain = str(text).replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(plain, validate=True)
    except binascii.Error as problem:
        raise ValueError(f"not base64: {problem}") from None
    if base64.b64encode(data).decode() != plain:
        raise ValueError("not base64 as it is written")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)
