"""LiteLLM's real proxy on the loopback, in the Python of its own that `make .venv/litellm-installed` makes.

The guard's libraries come after LiteLLM's in its path: it runs with the versions that LiteLLM is pinned to.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from guard_placed import free_port

CLAUDE = "-claude"  # ends the names of models that speak Anthropic's interface
ROOT = Path(__file__).parents[1]
_PYTHON = ROOT / ".venv/litellm/bin/python"
_STARTS = 120.0  # seconds, on a machine that is busy: it imports for 10 s where nothing else runs
_RUN = (
    "import sys; sys.path += sys.argv[1:3]; del sys.argv[1:3]; "
    "from litellm.proxy.proxy_cli import run_server; run_server()"
)
_AUTH = """
from litellm.proxy._types import UserAPIKeyAuth


async def who(request, api_key):
    return UserAPIKeyAuth(api_key=api_key, user_id=api_key.removeprefix("sk-"))
"""


def missing() -> str:
    """Why there is none; empty when there is."""
    return "" if _PYTHON.exists() else "LiteLLM is not installed: make .venv/litellm-installed"


def documented(guard: str) -> list[dict[str, Any]]:
    """The guardrails of docs/guard.md, with the address of a guard."""
    page = (ROOT / "docs/guard.md").read_text()
    found = next(one for one in re.findall(r"```yaml\n(.*?)```", page, re.S) if "StillwatchGuardrail" in one)
    guardrails: list[dict[str, Any]] = yaml.safe_load(found.replace("http://GUARD", guard))["guardrails"]
    return guardrails


@contextmanager
def proxied(
    folder: Path,
    upstream: str,
    models: dict[str, list[str]],
    guardrails: Any,
    modules: dict[str, str],
    **variables: str,
) -> Iterator[str]:
    """The address of a proxy of these models, each with its own guardrails; users are named by their keys, sk-USER."""
    folder.mkdir()
    for name, text in {"auth.py": _AUTH, **modules}.items():
        (folder / name).write_text(text)
    listed = [
        {"model_name": name, "litellm_params": {**_at(name, upstream), "guardrails": own}}
        for name, own in models.items()
    ]
    config = {
        "model_list": listed, "guardrails": guardrails, "router_settings": {"num_retries": 0, "disable_cooldowns": True},
        "general_settings": {"custom_auth": "auth.who", "dangerously_permit_weak_or_unset_master_key": True},
    }  # fmt: skip
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    port, log = free_port(), folder / "litellm.log"
    with log.open("w") as said:
        process = subprocess.Popen(
            [_PYTHON, "-c", _RUN, sysconfig.get_path("purelib"), ROOT, "--config", folder / "config.yaml", "--host",
             "127.0.0.1", "--port", str(port)],
            cwd=folder, stdout=said, stderr=said, env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", **variables},
        )  # fmt: skip
    try:
        until = time.monotonic() + _STARTS
        while not _answers(port):
            assert process.poll() is None and time.monotonic() < until, log.read_text()[-4_000:]
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _at(model: str, upstream: str) -> dict[str, str]:
    """Where a model is; those that are called -claude speak Anthropic's interface."""
    if model.endswith(CLAUDE):
        return {"model": f"anthropic/{model}", "api_key": "sk-1", "api_base": upstream}
    return {"model": f"openai/{model}", "api_key": "sk-1", "api_base": f"{upstream}/v1"}


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
