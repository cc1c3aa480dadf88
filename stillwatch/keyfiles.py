"""Files with one secret in them: written whole, read only when nobody else on the machine can."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from stillwatch.errors import BadConfiguration

KEY_BYTES = 32  # as many as SHA-256 has bits for; a shorter key is the weaker part
FORM = f"{KEY_BYTES} bytes or more, written as hexadecimal or base64 (openssl rand -hex {KEY_BYTES})"


def create(path: Path) -> bool:
    """Write a new key under a name of its own, then link it into place: no one ever reads half a key.

    False when there was one already; then that is the key.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        finally:
            os.unlink(draft)
    except OSError as problem:
        raise BadConfiguration(
            f"the key file cannot be made: {problem.strerror}", str(path), "a folder that can be written to"
        ) from problem
    return True


def read(path: Path) -> bytes:
    """The key of a file that is for its owner alone."""
    return parsed(text(path), str(path))


def text(path: Path, allowed: str = FORM) -> str:
    """What stands in a file that is for its owner alone."""
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            raise BadConfiguration(
                f"the key file is open to others (mode {mode & 0o777:o})", str(path), "mode 600", f"chmod 600 {path}"
            )
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadConfiguration(f"the key file cannot be read: {problem}", str(path), allowed) from problem


def parsed(text: str, where: str) -> bytes:
    """A key as people write one."""
    text = "".join(text.split())
    try:
        key = bytes.fromhex(text)
    except ValueError:
        try:
            key = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
        except (binascii.Error, ValueError):
            key = b""
    if len(key) < KEY_BYTES:
        what = f"the key has {len(key)} bytes" if key else "the key is neither hexadecimal nor base64"
        raise BadConfiguration(what, where, FORM, "see docs/key-rotation.md")
    return key
