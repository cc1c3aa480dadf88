"""Clients that behave badly, round after round, and what a guard has left of them: memory, open files, threads, budgets.

    python -m bench.guard_abuse [--rounds 6]

A round: streams whose clients hang up in the middle, bodies that are no JSON, bodies of 100 MiB and a byte more, clients that
send half a request and wait, clients that ask for a stream and read nothing. After them honest requests, each of which has to
be answered. Then the guard gets a second to settle. What it holds should be as after the first rounds, which fill caches; at
the end, when connections to the model that nobody needs any more are closed, as at the start.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.paced_streams import APART
from bench.placed import free_port, key_in, paced, running
from stillwatch.guard import policy as policies
from stillwatch.guard import receipts
from stillwatch.guard.receipts import Receipt

HUNG_UP, MALFORMED, LARGE, HALF, DEAF, HONEST = 400, 400, 6, 40, 40, 100  # of each in a round
KEPT = 60.0  # seconds within which the guard closes a connection to the model that nobody needs
TOO_LARGE = (100 << 20) + 1  # bytes, one more than a body may have
_POLICY = """
appeal: https://example.com/appeal
rules:
  - {id: budget, reason: a measurement, owner: bench, when: "true", do: {token_budget: {tokens: 1000000000000, every: 1d}},
     mode: live, starts: "%s", expires: "%s", limit: {accounts: 1000000, honest: 1000000}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    print("| round | answers | resident MiB | open files | threads |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, paced() as model, _guard(Path(folder), model) as (place, pid):
        _told("start", Counter(), pid)
        for number in range(1, options.rounds + 1):
            answers = _round(place)
            time.sleep(1.0)
            _told(str(number), answers, pid)
        time.sleep(KEPT + 5.0)
        _told("end", Counter(), pid)


def _told(name: str, answers: Counter[str], pid: int) -> None:
    said = ", ".join(f"{times} × {what}" for what, times in sorted(answers.items()))
    files, threads = (len(os.listdir(f"/proc/{pid}/{one}")) for one in ("fd", "task"))
    print(f"| {name} | {said} | {_resident(pid):.0f} | {files} | {threads} |", flush=True)


def _round(place: tuple[str, int]) -> Counter[str]:
    """What was answered, by kind of client."""
    told: Counter[str] = Counter()
    waiting = [_asked(place, _stream()) for _ in range(DEAF)]
    half = _request(b"{}" * 50)[:-99]
    waiting += [_asked(place, half) for _ in range(HALF)]
    for _ in range(HUNG_UP):
        line = _asked(place, _stream())
        line.recv(256)  # the stream has begun
        line.close()
    for number in range(MALFORMED):
        body = (b'{"model": ', b"[1, 2]", b"\xff\xfe", b"[" * 5_000)[number % 4]
        told[f"malformed: {_status(place, _request(body))}"] += 1
    for _ in range(LARGE):
        told[f"too large: {_too_large(place)}"] += 1
    for _ in range(HONEST):
        told[f"honest: {_status(place, _request(b'{}', '/v1/models'))}"] += 1
    for line in waiting:
        line.close()
    return told


def _request(body: bytes, path: str = "/v1/chat/completions") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _stream() -> bytes:
    body = {"model": APART, "messages": [{"role": "user", "content": "word"}], "stream": True}
    return _request(json.dumps(body).encode())


def _asked(place: tuple[str, int], request: bytes) -> socket.socket:
    line = socket.create_connection(place, timeout=30)
    line.sendall(request)
    return line


def _status(place: tuple[str, int], request: bytes) -> str:
    line = _asked(place, request)
    with contextlib.closing(line):
        return line.recv(64).split(b" ")[1].decode()


def _too_large(place: tuple[str, int]) -> str:
    """In chunks, so that the guard learns how long it is by reading it."""
    line = _asked(place, b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
    piece = b" " * (1 << 20)
    with contextlib.closing(line):
        with contextlib.suppress(ConnectionError):  # it does not read to the end
            for _ in range(TOO_LARGE // len(piece) + 1):
                line.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        return line.recv(64).split(b" ")[1].decode()


@contextlib.contextmanager
def _guard(folder: Path, model: str) -> Iterator[tuple[tuple[str, int], int]]:
    day = time.strftime("%Y-%m-%d"), time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400 * 30))
    policy, at = folder / "policy.yaml", free_port()
    policy.write_text(_POLICY % day)
    now = datetime.now(UTC)
    marks = [(one.id, one.fingerprint()) for one in policies.read(policy).rules]
    receipts.write(receipts.beside(policy), {mark: Receipt(name, mark, now, now, now, 0, 0, 0) for name, mark in marks})
    command = [
        sys.executable,
        "-m",
        "stillwatch",
        "guard",
        "-u",
        model,
        "-p",
        str(policy),
        "--log",
        str(folder / "log"),
    ]
    with running([*command, "--key", str(key_in(folder)), "--port", str(at)], at) as process:
        yield ("127.0.0.1", at), process.pid


def _resident(pid: int) -> float:
    """MiB."""
    line = next(one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
