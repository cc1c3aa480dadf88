"""How quick a guard is: answers in one piece, streams at full speed and at a model's pace; LiteLLM's proxy beside it.

    python -m bench.guard_speed [--litellm .venv/litellm/bin/litellm] [--seconds 5]

One core is the proxy's, the other drives it and is the model's server (nginx for full speed; for streams at a pace
bench.paced_streams, whose pieces come all at once or each at a moment of its own). LiteLLM is started with one worker,
without a database, and with a guardrail that does nothing, before and after. Needs nginx, wrk and taskset (apt-get install
nginx-light wrk util-linux).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.paced_streams import APART, PACE, PIECES, TOGETHER, lags, piece
from bench.placed import ROOT, free_port, key_in, paced, running

CONCURRENT = 16
_BODY = {"messages": [{"role": "user", "content": "Explain how a heat pump works. " * 16}]}
_ANSWER = {
    "id": "c", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "word " * 64}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 100, "completion_tokens": 64, "total_tokens": 164},
}  # fmt: skip
_POLICY = "stillwatch/data/policies/example.yaml"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--litellm", type=Path, default=ROOT / ".venv/litellm/bin/litellm")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    options = parser.parse_args()
    missing = [name for name in ("nginx", "wrk", "taskset") if shutil.which(name) is None]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}; apt-get install nginx-light wrk util-linux")
    print(
        "| | one at a time: p50, p99 | 16 at a time: requests/s | streams/s | a piece of 16 together: p50, p99 | apart |"
    )
    print("|---|---|---|---|---|---|")
    os.sched_setaffinity(0, {1})  # what is started here on the other core is told so
    with tempfile.TemporaryDirectory() as folder, _nginx(Path(folder)) as fast, paced() as slow:
        rows = {"direct": _row("direct", _below(fast, slow), options.seconds)}
        with _guard(Path(folder), fast) as guard, _guard(Path(folder), slow) as guarded:
            rows["stillwatch"] = _row("stillwatch guard", _below(guard, guarded), options.seconds)
        if options.litellm.exists():
            with _litellm(options.litellm, Path(folder), _below(fast, slow)) as litellm:
                urls = {kind: f"{litellm}/v1/chat/completions" for kind in _below(fast, slow)}
                rows["litellm"] = _row("LiteLLM, a guardrail that does nothing", urls, options.seconds)
            ours, theirs = rows["stillwatch"], rows["litellm"]
            times = ours[1] / theirs[1], ours[2] / theirs[2]
            print(f"\nstillwatch over LiteLLM: {times[0]:.0f} times the requests, {times[1]:.0f} times the streams")
        else:
            print(f"\nLiteLLM is not installed at {options.litellm}: make .venv/litellm-installed")
        for kind in (TOGETHER, APART):
            before, after = rows["direct"][3][kind], rows["stillwatch"][3][kind]
            print(f"added to a piece, {kind}: p50 {after[0] - before[0]:.3f} ms, p99 {after[1] - before[1]:.3f} ms")


def _below(fast: str, slow: str) -> dict[str, str]:
    """Where answers of each kind are asked for; models have the kinds' names."""
    return {
        "json": f"{fast}/json/v1/chat/completions", "stream": f"{fast}/stream/v1/chat/completions",
        TOGETHER: f"{slow}/v1/chat/completions", APART: f"{slow}/v1/chat/completions",
    }  # fmt: skip


def _row(name: str, urls: dict[str, str], seconds: float) -> tuple[Any, float, float, Any]:
    alone = _wrk(urls["json"], "json", 1, seconds)
    many = _wrk(urls["json"], "json", CONCURRENT, seconds)
    streams = _wrk(urls["stream"], "stream", CONCURRENT, seconds)
    late = {kind: _middle_and_slow(_lags(urls[kind], kind, seconds)) for kind in (TOGETHER, APART)}
    print(
        f"| {name} | {alone['p50']:.3f}, {alone['p99']:.3f} ms | {many['rate']:,.0f} | {streams['rate']:,.0f} | "
        + " | ".join(f"{one[0]:.3f}, {one[1]:.3f} ms" for one in late.values()) + " |", flush=True,
    )  # fmt: skip
    return alone, many["rate"], streams["rate"], late


def _lags(url: str, kind: str, seconds: float) -> list[float]:
    body = json.dumps({"model": kind, **_BODY, "stream": True}).encode()
    return lags(url, body, CONCURRENT, max(seconds, 2 * PIECES * PACE))


def _middle_and_slow(lags: list[float]) -> tuple[float, float]:
    return statistics.median(lags), sorted(lags)[int(0.99 * len(lags))]


def _wrk(url: str, kind: str, connections: int, seconds: float) -> dict[str, float]:
    """Requests a second, and milliseconds of the middle and the hundredth slowest."""
    body = json.dumps({"model": kind, **_BODY, "stream": kind != "json"})
    script = (
        'wrk.method="POST"\nwrk.headers["content-type"]="application/json"\nwrk.headers["authorization"]="Bearer sk-1"\n'
        f"wrk.body=[==[{body}]==]\n"
        "function done(summary, latency)\n"
        '  io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / summary.duration * 1e6, '
        "latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, "
        "summary.errors.status + summary.errors.read + summary.errors.timeout))\nend\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(
            ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "30s", "-s",
             file.name, url],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    rate, p50, p99, errors = next(line for line in done.stdout.splitlines() if line.startswith("RESULT")).split()[1:]
    if int(errors):
        raise RuntimeError(f"{errors} errors at {url}: {done.stdout}")
    return {"rate": float(rate), "p50": float(p50), "p99": float(p99)}


@contextlib.contextmanager
def _nginx(folder: Path) -> Iterator[str]:
    port, root = free_port(), folder / "nginx"
    root.mkdir()
    events = (piece("word ") * PIECES + piece("", "stop") + b"data: [DONE]\n\n").decode()
    places = ""
    for name, text, kind in (
        ("json", json.dumps(_ANSWER), "application/json"),
        ("stream", events, "text/event-stream"),
    ):
        (root / name).write_text(text)
        # A POST to a file is not allowed, and the answer to that is the file: nginx has no other without a module.
        places += (
            f"location /{name}/ {{ error_page 405 =200 /files/{name}; root {root}/none; return 405; }}\n"
            f"location = /files/{name} {{ internal; default_type {kind}; alias {root}/{name}; }}\n"
        )
    (root / "nginx.conf").write_text(
        f"user root; worker_processes 1; pid {root}/pid; error_log {root}/error.log; daemon off;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {root}/b; proxy_temp_path {root}/p;\n"
        f"fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s; client_body_buffer_size 1m;\n"
        f"open_file_cache max=9; server {{ listen 127.0.0.1:{port}; {places} }} }}\n"
    )
    with running(["taskset", "-c", "1", "nginx", "-p", str(root), "-c", str(root / "nginx.conf")], port):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _guard(folder: Path, upstream: str) -> Iterator[str]:
    port = free_port()
    command = [
        "taskset",
        "-c",
        "0",
        sys.executable,
        "-m",
        "stillwatch",
        "guard",
        "-u",
        upstream,
        "-p",
        str(ROOT / _POLICY),
    ]
    with running([*command, "--key", str(key_in(folder)), "--port", str(port)], port):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _litellm(program: Path, folder: Path, urls: dict[str, str]) -> Iterator[str]:
    port, root = free_port(), folder / "litellm"
    root.mkdir()
    (root / "nothing.py").write_text(
        "from litellm.integrations.custom_guardrail import CustomGuardrail\n\n\nclass Nothing(CustomGuardrail):\n"
        "    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):\n        return data\n\n"
        "    async def async_post_call_success_hook(self, data, user_api_key_dict, response):\n        return response\n\n"
        "    async def async_post_call_streaming_iterator_hook(self, user_api_key_dict, response, request_data):\n"
        "        async for one in response:\n            yield one\n"
    )
    models = [
        {"model_name": kind, "litellm_params": {
            "model": f"openai/{kind}", "api_key": "sk-1", "api_base": url.removesuffix("/chat/completions")
        }}
        for kind, url in urls.items()
    ]  # fmt: skip
    nothing = {"guardrail": "nothing.Nothing", "mode": ["pre_call", "post_call"], "default_on": True}
    without_a_key = {"dangerously_permit_weak_or_unset_master_key": True}
    config = {
        "model_list": models,
        "general_settings": without_a_key,
        "guardrails": [{"guardrail_name": "nothing", "litellm_params": nothing}],
    }
    (root / "config.yaml").write_text(json.dumps(config))  # YAML as well
    command = [
        "taskset",
        "-c",
        "0",
        str(program),
        "--config",
        str(root / "config.yaml"),
        "--port",
        str(port),
        "--num_workers",
        "1",
    ]
    with running(command, port):
        yield f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    main()
