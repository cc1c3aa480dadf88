"""Which topic is watched, and how its brokers are spoken to: told from `kafka://HOST:PORT/TOPIC` and a file of properties."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration, EngineMissing, NothingToRead

SCHEME = "kafka://"
_FORM = "kafka://HOST:PORT/TOPIC, or kafka://HOST:PORT,HOST:PORT/TOPIC"
_ADDRESS = re.compile(r"kafka://(?P<servers>[^/,\s]+:\d+(?:,[^/,\s]+:\d+)*)/(?P<topic>[A-Za-z0-9._-]{1,249})")
_OURS = frozenset({  # what is read and when follows from the state alone
    "allow.auto.create.topics", "auto.commit.enable", "auto.offset.reset", "bootstrap.servers", "enable.auto.commit",
    "enable.auto.offset.store", "enable.partition.eof", "metadata.broker.list",
})  # fmt: skip
_SECRET = re.compile(r"password|secret|\.pem$|jaas|token|oauthbearer\.config")
_FILE = "a line PROPERTY=VALUE for each, or TOML in a file called .toml, as librdkafka's CONFIGURATION.md has them"


@dataclass(frozen=True)
class Topic:
    """What a watch of a topic was asked to follow."""

    servers: str
    name: str
    sides: Path | None = None  # folder with the side tables
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)  # of the client; passwords among them

    def hidden(self, text: str) -> str:
        """The text without any secret of the properties, for what is said to people."""
        for name, value in self.properties.items():
            if _SECRET.search(name) and value:
                text = text.replace(value, "***")
        return text


def topic_at(address: str, sides: Path | None = None, properties: Path | None = None) -> Topic:
    """The topic at an address, with the properties of a file."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise BadConfiguration("not the address of a topic", address, _FORM)
    if sides is not None and not sides.is_dir():
        allowed = "a folder with accounts, releases, declared, indicators or evidence in it"
        raise NothingToRead("no such folder of side tables", str(sides), allowed, "check the path")
    return Topic(found["servers"], found["topic"], sides, {} if properties is None else properties_of(properties))


def properties_of(path: Path) -> dict[str, str]:
    """Properties of the client, as they stand in a file; one that holds a secret must be nobody else's to read."""
    try:
        text = path.read_text(encoding="utf-8")
        found = dict(_tables(tomllib.loads(text)) if path.suffix == ".toml" else _lines(text, path))
        mode = path.stat().st_mode & 0o777
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise BadConfiguration(f"properties not readable: {problem}", str(path), _FILE) from None
    for name in found:
        if name in _OURS:
            raise BadConfiguration(
                f"{name} is not for this file: what is read, and from where, follows from SOURCE and the state",
                str(path), "how brokers are reached, such as security.protocol", "leave it out",
            )  # fmt: skip
    if mode & 0o077 and any(map(_SECRET.search, found)):
        raise BadConfiguration(
            f"the file holds secrets and is open to others (mode {mode:o})", str(path), "mode 600", f"chmod 600 {path}"
        )
    return found


def required() -> None:
    """Say what is missing before anything that needs it is imported."""
    try:
        import confluent_kafka  # noqa: F401
    except ImportError as missing:
        raise EngineMissing(
            f"the Kafka client is not installed: {missing}",
            SCHEME,
            "confluent-kafka 2",
            "pip install 'stillwatch[kafka]'",
        ) from None


def _lines(text: str, path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, sign, value = line.partition("=")
        if not sign:
            raise BadConfiguration(
                "not a property", f"{path} line {number}", _FILE
            )  # the line itself may hold a secret
        yield name.strip(), value.strip()


def _tables(document: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """A dotted key of TOML is a table in a table, and one property here."""
    for key, value in document.items():
        name = f"{above}{key}"
        if isinstance(value, dict):
            yield from _tables(value, f"{name}.")
        elif isinstance(value, (str, int, float)):
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
        else:
            raise BadConfiguration("a text, a number, true or false was expected", name, _FILE)
