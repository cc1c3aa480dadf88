"""`stillwatch verify serve` and `begin` as commands: their files, their doors, and what they say of mistakes."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from typer.testing import CliRunner

from stillwatch.cli import app
from stillwatch.errors import BadConfiguration, StillwatchError
from stillwatch.noted import Notes
from stillwatch.verification.configured import load
from stillwatch.verification.inside_tokens import tokens
from tests.verification.vendors.signing import NOW, SECRETS, webhook

SET_UP = """
[vendors.persona]
secrets = ["persona.secret"]
completed = "passed"
api_key = "persona.key"
template = "itmpl_1"

[vendors.standard_webhooks]
secrets = ["old.secret", "standard.secret"]

[organizations]
callback = "https://verify.example/v1/organizations/callback"

[organizations.issuers.google]
kind = "google_workspace"
client_id = "us"
client_secret = "google.secret"
members = {"example.com" = "Example Ltd"}
"""


def secret(folder: Path, name: str, text: str, mode: int = 0o600) -> None:
    (folder / name).write_text(text + "\n")
    (folder / name).chmod(mode)


@pytest.fixture
def vendors(tmp_path: Path) -> Path:
    for name, text in (("persona.secret", SECRETS["persona"]), ("standard.secret", SECRETS["standard_webhooks"]),
                       ("old.secret", "whsec_b2xk"), ("persona.key", "k"), ("google.secret", "g")):  # fmt: skip
        secret(tmp_path, name, text)
    (tmp_path / "vendors.toml").write_text(SET_UP)
    return tmp_path / "vendors.toml"


def test_what_is_set_up(vendors: Path) -> None:
    told = load(vendors)
    assert list(told.vendors) == ["persona", "standard_webhooks"]
    assert told.secrets["standard_webhooks"] == ["whsec_b2xk", SECRETS["standard_webhooks"]]
    assert (
        told.issuers["google"].members == {"example.com": "Example Ltd"} and told.issuers["google"].client_secret == "g"
    )
    assert told.ways["persona"].key("persona") == "k"
    assert SECRETS["persona"] not in repr(told)
    sent = webhook("persona", "case-1", "passed")
    assert told.vendors["persona"].read(sent.headers, sent.body, told.secrets["persona"], NOW)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[vendors.nobody]\nsecrets=['persona.secret']", "no such vendor"),
        ("[vendors.persona]", "without a secret"),
        ("[vendors.persona]\nsecrets='persona.secret'", "right type"),
        ("[vendors.persona]\nsecrets=[1]", "right type"),
        ("[vendors.persona]\nsecret=['x']", "no such setting"),
        ("[vendors.persona]\nsecrets=['none']", "cannot be read"),
        ("[vendors.persona]\nsecrets=['open.secret']", "open to others"),
        ("[vendors.persona]\nsecrets=['two.secret']", "one secret"),
        ("[vendors.sumsub]\nsecrets=['persona.secret']\ncompleted='passed'", "completed"),
        ("vendors=1", "right type"),
        ("x", "TOML"),
        ("[organizations.issuers.a]\nkind='saml'\nclient_id='u'", "no such kind"),
        ("[organizations.issuers.a]\nclient_id='u'", "kind"),
        ("[organizations.issuers.a]\nkind='google_workspace'\nclient_id='u'", "callback"),
    ],
)
def test_what_is_set_up_wrongly_is_said(vendors: Path, text: str, said: str) -> None:
    secret(vendors.parent, "open.secret", "x", 0o644)
    secret(vendors.parent, "two.secret", "x y")
    vendors.write_text(text)
    with pytest.raises(BadConfiguration, match=said):
        load(vendors)


def test_tokens_of_the_inner_door(tmp_path: Path) -> None:
    made = tokens(None, tmp_path)
    assert made == tokens(None, tmp_path) and len(made[0]) == 64
    assert stat.S_IMODE((tmp_path / "inside.token").stat().st_mode) == 0o600
    secret(tmp_path, "own", "ab" * 32 + "\n" + "cd" * 32)
    assert tokens(tmp_path / "own", tmp_path) == ("ab" * 32, "cd" * 32)
    for text, mode in (("short", 0o600), ("", 0o600), ("ab" * 32, 0o644)):
        secret(tmp_path, "own", text, mode)
        with pytest.raises(BadConfiguration):
            tokens(tmp_path / "own", tmp_path)


def test_assessments_are_kept_a_file_a_day(tmp_path: Path) -> None:
    clock = [NOW]
    notes = Notes(tmp_path / "assessed", lambda: clock[0])
    for at in (NOW, NOW + 1, NOW + 86_400):
        clock[0] = at
        notes({"at": at})
    notes.close()
    files = sorted((tmp_path / "assessed").iterdir())
    assert [len(one.read_bytes().splitlines()) for one in files] == [2, 1] and files[0].name == "2026-09-21.jsonl"
    assert all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in files)


def begin(vendors: Path, *options: str) -> Any:
    place = ("verify", "begin", "persona", "case-1", "--vendors", str(vendors), "--return-url", "https://example.com/a")
    return CliRunner().invoke(app, [*place, *options])


def test_begin_shows_and_sends_nothing(vendors: Path) -> None:
    vendors.write_text(SET_UP.replace("[vendors.standard", 'base_url = "http://127.0.0.1:9"\n[vendors.standard'))
    done = begin(vendors)
    told = orjson.loads(done.stdout)
    assert (
        done.exit_code == 0
        and told["sent"] is False
        and told["request"]["url"] == "http://127.0.0.1:9/api/v1/inquiries"
    )
    assert "authorization" not in told["request"]["headers"] and "say --yes" in done.stderr
    sent = begin(vendors, "--yes")
    assert sent.exit_code == 20 or isinstance(sent.exception, StillwatchError)


def test_begin_sends_when_told_to(vendors: Path) -> None:
    async def answer(came: web.Request) -> web.Response:
        assert came.headers["authorization"] == "Bearer k"
        return web.json_response(
            {"data": {"id": "inq_1"}, "meta": {"one-time-link": "https://withpersona.com/verify?code=A"}}
        )

    async def both() -> Any:
        server = web.Application()
        server.router.add_post("/api/v1/inquiries", answer)
        runner = web.AppRunner(server)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f'base_url = "http://127.0.0.1:{runner.addresses[0][1]}"\n[vendors.standard'
        vendors.write_text(SET_UP.replace("[vendors.standard", base))
        try:
            return await asyncio.to_thread(begin, vendors, "--yes", "--json")
        finally:
            await runner.cleanup()

    told = orjson.loads(asyncio.run(both()).stdout)
    assert (told["session"], told["url"], told["sent"]) == ("inq_1", "https://withpersona.com/verify?code=A", True)


@pytest.fixture
def running(vendors: Path) -> Iterator[tuple[Path, str, str, Any]]:
    state = vendors.parent / "state"
    process = subprocess.Popen(
        [sys.executable, "-m", "stillwatch", "verify", "serve", "--state", state, "--vendors", vendors,
         "--inside", "127.0.0.1:0", "--outside", "127.0.0.1:0"],
        stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "STILLWATCH_KEY": "00" * 32},
    )  # fmt: skip
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        if " on http" in line:
            said.append(line.rpartition(" ")[2].strip())
        if len(said) == 2:
            break
    assert len(said) == 2, "both doors are told"
    yield state, said[0], said[1], process
    process.send_signal(signal.SIGINT)
    process.wait(20)


def test_the_command_serves_both_doors_until_it_is_told_to_end(running: tuple[Path, str, str, Any]) -> None:
    state, inside, outside, process = running
    token = (state / "inside.token").read_text().strip()
    asked = urllib.request.Request(f"{inside}/metrics", headers={"authorization": f"Bearer {token}"})
    assert b"stillwatch_verify_assessed" in urllib.request.urlopen(asked, timeout=10).read()
    sent = webhook("persona", "nobody", "passed", at=int(time.time()))
    posted = urllib.request.Request(f"{outside}/v1/webhooks/persona", sent.body, sent.headers)
    assert urllib.request.urlopen(posted, timeout=10).read() == b'{"result":"unknown_case"}'
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0 and (state / "cases.db").exists()
