"""Which topic, and how its brokers are reached: what is taken, and what is refused and how that reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stillwatch.errors import BadConfiguration, NothingToRead
from stillwatch.run.watching import Topic, topic_at
from stillwatch.run.watching.topic import properties_of

ERRORS = Path(__file__).parent.parent / "errors"
SASL = {"security.protocol": "SASL_SSL", "sasl.password": "a=b#c", "socket.keepalive.enable": "true", "linger.ms": "5"}


def written(folder: Path, name: str, text: str, mode: int = 0o600) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "client.properties",
            "# ours\nsecurity.protocol=SASL_SSL\nsasl.password = a=b#c\n\nsocket.keepalive.enable=true\nlinger.ms=5\n",
        ),
        (
            "client.toml",
            'security.protocol = "SASL_SSL"\nlinger.ms = 5\nsocket.keepalive.enable = true\n[sasl]\npassword = "a=b#c"\n',
        ),
    ],
)
def test_properties_as_lines_or_toml(tmp_path: Path, name: str, text: str) -> None:
    assert properties_of(written(tmp_path, name, text)) == SASL


def test_an_address(tmp_path: Path) -> None:
    assert topic_at("kafka://a:9092,b.example:9093/llm.log-1", tmp_path) == Topic(
        "a:9092,b.example:9093", "llm.log-1", tmp_path
    )


@pytest.mark.parametrize("address", ["kafka://host/topic", "kafka://host:9092", "kafka://host:9092/a/b", "kafka:///t"])
def test_no_address(address: str) -> None:
    with pytest.raises(BadConfiguration, match="not the address of a topic"):
        topic_at(address)


@pytest.mark.parametrize(
    ("error", "text", "mode"),
    [
        ("kafka_ours", "auto.offset.reset=earliest\n", 0o600),
        ("kafka_open_to_others", "sasl.password=hunter2\n", 0o644),
        ("kafka_no_property", "hunter2\n", 0o600),
    ],
)
def test_what_is_refused(tmp_path: Path, error: str, text: str, mode: int) -> None:
    path = written(tmp_path, "client.properties", text, mode)
    with pytest.raises(BadConfiguration) as refused:
        properties_of(path)
    assert str(refused.value).replace(str(tmp_path), "FOLDER") + "\n" == (ERRORS / f"{error}.txt").read_text()


def test_no_folder_of_side_tables(tmp_path: Path) -> None:
    with pytest.raises(NothingToRead, match="no such folder of side tables"):
        topic_at("kafka://host:9092/topic", tmp_path / "none")


def test_secrets_are_not_shown() -> None:
    topic = Topic("host:9092", "topic", properties=SASL)
    assert "a=b#c" not in repr(topic) and topic.hidden("failed with a=b#c") == "failed with ***"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["kafka://127.0.0.1:9/topic"], 14, "pip install 'stillwatch[kafka]'"),
        ([".", "--side", "."], 2, "go with a topic"),
        (["kafka://nowhere"], 12, "kafka://HOST:PORT/TOPIC"),
    ],
)
def test_the_command_without_the_client(tmp_path: Path, arguments: list[str], code: int, says: str) -> None:
    given = ["stillwatch", "watch", *arguments, "--state", str(tmp_path / "state")]
    program = f"import sys; sys.modules['confluent_kafka'] = None; sys.argv = {given}; from stillwatch.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == code and says in done.stderr, done.stderr
