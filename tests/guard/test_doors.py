"""Doors: whether a request that others carry may pass. nginx is a real one; the others are asked as their documents say."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import openai
import orjson
import pytest
from guard_files import acting
from guard_placed import Placed, free_port

ASKED = [{"role": "user", "content": "What is the answer?"}]
BODY = orjson.dumps({"model": "m", "messages": ASKED})


def ask(address: str, method: str = "POST", body: bytes = b"", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    async def once() -> tuple[int, bytes, dict[str, str]]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, address, data=body, headers=named) as answer,
        ):
            return answer.status, await answer.read(), {name.lower(): value for name, value in answer.headers.items()}

    return asyncio.run(once())


@pytest.mark.parametrize(("key", "status"), [("sk-campaign", 403), ("sk-honest", 200), ("sk-nobody", 200)])
def test_envoy_and_traefik(place: Any, key: str, status: int) -> None:
    placed = place(acting())
    bearer = f"Bearer {key}"
    found, text, _ = ask(f"{placed.address}/ext_authz/v1/chat/completions", body=BODY, authorization=bearer)
    assert found == status and (b"https://example.com/appeal" in text) is (status == 403)
    forwarded = {"x_forwarded_uri": "/v1/chat/completions", "x_forwarded_method": "POST", "authorization": bearer}
    assert ask(f"{placed.address}/auth", "GET", **forwarded)[0] == status
    assert placed.upstream.asked == [], "a door asks no model"


def test_a_door_sees_the_body_where_it_is_shown(place: Any) -> None:
    placed = place(acting(when='account.verdict == "campaign" && request.model == "m"'))
    door = f"{placed.address}/ext_authz/v1/chat/completions"
    assert ask(door, body=BODY, authorization="Bearer sk-campaign")[0] == 403
    assert ask(door, body=b"", authorization="Bearer sk-campaign")[0] == 200
    assert ask(door, body=BODY[:20], authorization="Bearer sk-campaign")[0] == 200, "cut off: no reason to refuse it"


def test_rates_hold_at_a_door(place: Any) -> None:
    placed = place(acting(do={"slow_down": {"per_minute": 0.1}}))
    door = f"{placed.address}/ext_authz/v1/messages"
    statuses = [ask(door, body=BODY, authorization="Bearer sk-campaign") for _ in range(2)]
    assert [one[0] for one in statuses] == [200, 429] and int(statuses[1][2]["retry-after"]) > 60


@pytest.mark.parametrize(
    ("data", "action"),
    [
        ({"input_type": "request", "request_data": {"user_api_key_user_id": "campaign"}}, "BLOCKED"),
        ({"input_type": "request", "request_data": {"user_api_key_user_id": "honest"}}, "NONE"),
        ({"input_type": "response", "request_data": {"user_api_key_user_id": "campaign"}}, "NONE"),
        ({"input_type": "request", "request_data": {}}, "NONE"),
        ({}, "NONE"),
    ],
)
def test_litellms_generic_guardrail_api(place: Any, data: dict[str, Any], action: str) -> None:
    placed = place(acting())
    given = orjson.dumps({"model": "m", "structured_messages": ASKED, "texts": ["x"], **data})
    status, text, _ = ask(f"{placed.address}/beta/litellm_basic_guardrail_api", body=given)
    told = orjson.loads(text)
    assert (status, told["action"]) == (200, action)
    assert ("https://example.com/appeal" in told.get("blocked_reason", "")) is (action == "BLOCKED")


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Any]:
    """A real nginx that asks the guard before it passes a request on to the model's server: its address."""
    if shutil.which("nginx") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("nginx is not installed: apt-get install nginx-light")
    running: list[subprocess.Popen[bytes]] = []

    def put(placed: Placed, upstream: str) -> str:
        port, root = free_port(), tmp_path / "nginx"
        root.mkdir()
        (root / "nginx.conf").write_text(f"""
            pid {root}/pid; error_log {root}/error.log; daemon off; events {{}}
            http {{
                access_log off; client_body_temp_path {root}/b; proxy_temp_path {root}/p;
                fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
                server {{
                    listen 127.0.0.1:{port};
                    location / {{ auth_request /_guard; proxy_pass {upstream}; proxy_buffering off; }}
                    location = /_guard {{
                        internal; proxy_pass {placed.address}/auth; proxy_pass_request_body off;
                        proxy_set_header Content-Length ""; proxy_set_header X-Original-URI $request_uri;
                    }}
                }}
            }}""")
        running.append(subprocess.Popen(["nginx", "-p", root, "-c", root / "nginx.conf"], stderr=subprocess.DEVNULL))
        for _ in range(100):
            if (root / "pid").exists():
                return f"http://127.0.0.1:{port}"
            time.sleep(0.05)
        raise AssertionError((root / "error.log").read_text())

    yield put
    for one in running:
        one.terminate()
        one.wait(10)


def test_nginx_asks_before_it_passes_on(place: Any, nginx: Any) -> None:
    placed = place(acting())
    address = nginx(placed, placed.serves)
    client = openai.OpenAI(api_key="sk-honest", base_url=f"{address}/v1", max_retries=0)
    assert "".join(
        one.choices[0].delta.content or ""
        for one in client.chat.completions.create(model="m", messages=ASKED, stream=True)
    ).startswith("The answer")
    with pytest.raises(openai.PermissionDeniedError):
        openai.OpenAI(api_key="sk-campaign", base_url=f"{address}/v1", max_retries=0).chat.completions.create(
            model="m", messages=ASKED
        )
    assert len(placed.upstream.asked) == 1
