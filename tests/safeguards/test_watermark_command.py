"""`stillwatch watermark`, as people run it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stillwatch import keyfiles
from stillwatch.cli import app
from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.watermark import registry
from stillwatch.safeguards.watermark.keys import Epoch, Secret, epoch

WEEK = Epoch(604_800, 1_209_600)
DAY = 86_400


def said(*words: Any) -> str:
    found = CliRunner().invoke(app, ["watermark", *map(str, words)])
    if found.exception is not None:
        raise found.exception
    return found.stdout


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A secret, and a registry with a week long ago and this day."""
    secret, path = tmp_path / "secret", tmp_path / "marks.jsonl"
    said("new-secret", secret)
    made = Secret(keyfiles.read(secret))
    now = time.time()
    registry.commit(path, [(made.key("C-1", WEEK), {"rules": []}), (made.key("all", epoch(now, DAY)), {})], now)
    return secret, path


def test_a_secret_is_for_its_owner_alone_and_never_replaced(files: tuple[Path, Path]) -> None:
    secret = files[0]
    before = secret.read_text()
    assert secret.stat().st_mode & 0o777 == 0o600 and len(keyfiles.read(secret)) == 32
    with pytest.raises(BadConfiguration, match="a file already"):
        said("new-secret", secret)
    assert secret.read_text() == before


def test_what_was_committed_to_and_shown(files: tuple[Path, Path]) -> None:
    secret, path = files
    assert "C-1" in said("show", path) and "not shown" in said("show", path)
    key = Secret(keyfiles.read(secret)).key("C-1", WEEK)
    opened = said("open", path, "--secret", secret, "--scope", "C-1", "--on", "1970-01-14")
    assert opened.split() == [key.key]
    shown = json.loads(said("show", path, "--json"))["commitments"]
    assert [(one["scope"], one["key"]) for one in shown] == [("C-1", key.key), ("all", None)]
    assert (shown[0]["from"], shown[0]["until"]) == ("1970-01-08", "1970-01-15")


def test_keys_in_use_and_days_without_one_are_not_shown(files: tuple[Path, Path]) -> None:
    secret, path = files
    today = time.strftime("%Y-%m-%d", time.gmtime())
    for day, told in (("1970-01-15", "nothing was committed to"), (today, "still in use")):
        with pytest.raises(BadConfiguration, match=told):
            said("open", path, "--secret", secret, "--on", day)


def test_a_registry_that_was_cut_short_or_made_anew_lacks_what_was_published(files: tuple[Path, Path]) -> None:
    path = files[1]
    head = said("verify", path).strip()
    assert said("verify", path, "--head", head).strip() == head
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0])
    assert said("verify", path).strip() != head
    with pytest.raises(BadConfiguration, match="no line has the hash"):
        said("verify", path, "--head", head)
