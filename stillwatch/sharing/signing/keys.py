"""Ed25519 keys: a private one in a file for its owner alone (PEM, PKCS 8), public ones in a list that partners hold.

    {"schema_version": 1, "keys": [{"keyid", "owner", "public_key", "from", "until", "ended_at"}]}

A key is followed by the next before it ends, so that for a while both are good. One that is out of its owner's hands is ended:
nothing that it has signed counts from then on, whatever date it bears, since whoever has it can write any.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stillwatch import keyfiles
from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.chain import instant, seconds
from stillwatch.sharing import files

PRIVATE = "a private Ed25519 key, PEM (stillwatch share keys new; openssl genpkey -algorithm ed25519)"
PUBLIC = "a list of keys (stillwatch share keys new), or a public Ed25519 key, PEM"
_FIELDS = {"keyid", "owner", "public_key", "from", "until"}


@dataclass(frozen=True)
class Key:
    """A public key and for how long it is good."""

    keyid: str
    owner: str
    public: Ed25519PublicKey
    begins: float = 0.0  # seconds since 1970
    ends: float = float("inf")
    ended_at: float | None = None  # out of its owner's hands: from then on it is good for nothing

    def why_not(self, signed_at: float, now: float) -> str:
        """Why a signature of that instant does not count now; empty when it does."""
        if self.ended_at is not None and now >= self.ended_at:
            return f"key {self.keyid[:16]} was ended on {instant(self.ended_at)}"
        if not self.begins <= signed_at < self.ends:
            return f"key {self.keyid[:16]} was good from {instant(self.begins)} until {instant(self.ends)}, not when it signed"
        return ""


def keyid(public: Ed25519PublicKey) -> str:
    """SHA-256 of the key as DER (SubjectPublicKeyInfo), in hexadecimal."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(public.public_bytes(serialization.Encoding.DER, form)).hexdigest()


def pem(public: Ed25519PublicKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def private(path: Path) -> Ed25519PrivateKey:
    """The private key of a file that is for its owner alone."""
    text = keyfiles.text(path, PRIVATE)
    try:
        key = serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadConfiguration("no private key that can be read", str(path), PRIVATE) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadConfiguration("a key of another kind", str(path), PRIVATE)
    return key


def new(path: Path) -> Ed25519PrivateKey:
    """A new private key in a new file, and its public half in PATH.pub; never over another."""
    key = Ed25519PrivateKey.generate()
    kind, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    data = key.private_bytes(kind, form, serialization.NoEncryption())
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for place, mode, text in ((path, 0o600, data), (_public_half(path), 0o644, pem(key.public_key()).encode())):
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
    except OSError as problem:
        raise BadConfiguration(
            f"the key cannot be written: {problem.strerror}", str(path), "a name that is free, in a folder with room"
        ) from None
    return key


def public(path: Path) -> tuple[Key, ...]:
    """The keys of a list, or the one of a PEM file, which is good at any time."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadConfiguration(f"keys not readable: {problem}", str(path), PUBLIC) from None
    if text.lstrip().startswith("-----BEGIN"):
        if "PRIVATE" in text.split("\n", 1)[0]:
            raise BadConfiguration("this is the private half", str(path), PUBLIC, f"{path}.pub")
        key = _of_pem(text, str(path))
        return (Key(keyid(key), path.name, key),)
    try:
        told = json.loads(text)
        if told["schema_version"] != 1:
            raise ValueError(f"schema_version {told['schema_version']!r}")
        found = tuple(_of_row(row, str(path)) for row in told["keys"])
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BadConfiguration(f"keys not understood: {problem!r}", str(path), PUBLIC) from None
    if len({one.keyid for one in found}) < len(found):
        raise BadConfiguration("a key stands twice", str(path), "each key once")
    return found


def add(path: Path, key: Key) -> None:
    """One more key in a list, which is made if it is not there."""
    with _held(path):
        before = public(path) if path.exists() else ()
        _write(path, (*before, key))


def end(path: Path, name: str, now: float) -> Key:
    """End a key that is out of its owner's hands; by its id, or eight or more digits of its beginning."""
    with _held(path):
        before = public(path)
        meant = [one for one in before if len(name) >= 8 and one.keyid.startswith(name.lower())]
        if len(meant) != 1:
            raise BadConfiguration(
                f"no key {name!r}", str(path), ", ".join(one.keyid[:16] for one in before) or "a key of the list"
            )
        ended = meant[0] if meant[0].ended_at is not None else replace(meant[0], ended_at=now)
        _write(path, [ended if one.keyid == ended.keyid else one for one in before])
    return ended


def row(key: Key) -> dict[str, Any]:
    """A key as a list has it."""
    told = {
        "keyid": key.keyid, "owner": key.owner, "public_key": pem(key.public), "from": instant(key.begins),
        "until": instant(key.ends),
    }  # fmt: skip
    return told if key.ended_at is None else {**told, "ended_at": instant(key.ended_at)}


def _of_row(told: dict[str, Any], where: str) -> Key:
    if not _FIELDS <= told.keys() <= {*_FIELDS, "ended_at"}:
        raise ValueError(f"a key has {', '.join(sorted(_FIELDS))} and perhaps ended_at")
    key = _of_pem(told["public_key"], where)
    if keyid(key) != told["keyid"]:
        raise ValueError(f"{told['keyid'][:16]!r} is not the id of its key")
    ended = told.get("ended_at")
    return Key(
        told["keyid"], str(told["owner"]), key, seconds(told["from"]), seconds(told["until"]),
        None if ended is None else seconds(ended),
    )  # fmt: skip


def _of_pem(text: str, where: str) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise BadConfiguration("no public key that can be read", where, PUBLIC) from None
    if not isinstance(key, Ed25519PublicKey):
        raise BadConfiguration("a public key of another kind", where, PUBLIC)
    return key


def _public_half(path: Path) -> Path:
    return path.with_name(f"{path.name}.pub")


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """The list for one writer at a time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise BadConfiguration(f"keys cannot be written: {problem.strerror}", str(path), "a folder") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(path: Path, keys: Sequence[Key]) -> None:
    text = json.dumps({"schema_version": 1, "keys": [row(one) for one in keys]}, indent=2, ensure_ascii=False)
    files.replace(path, text.encode() + b"\n", 0o644)
