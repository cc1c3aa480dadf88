"""How much the receiver of `watch --otlp` accepts: requests of some spans each, over kept connections, answered after fsync.

    python -m bench.receiving [SPANS_A_REQUEST [CONNECTIONS [SECONDS]]]

The receiver runs in a process of its own, bound to one core; senders run on the others. Needs the extra `watch`.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SERVER = """
import os, sys
from pathlib import Path
from stillwatch.config import Config
from stillwatch.run.receiving import Receiver
os.sched_setaffinity(0, {0})
log, state = Path(sys.argv[1]) / "log", Path(sys.argv[1]) / "state"
state.mkdir()
with Receiver(log, state, Config(), "127.0.0.1", 0) as receiver:
    print(receiver.address[1], flush=True)
    sys.stdin.read()
"""
PROMPT_BYTES = 600  # of a usual prompt


def request(spans: int) -> bytes:
    """A request of spans with eleven attributes each, one of them a prompt."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    made = ExportTraceServiceRequest()
    group = made.resource_spans.add().scope_spans.add().spans
    for _ in range(spans):
        span = group.add(trace_id=os.urandom(16), span_id=os.urandom(8), name="chat", kind=3)
        span.start_time_unix_nano = span.end_time_unix_nano = time.time_ns()
        message = [{"role": "user", "parts": [{"type": "text", "content": "x" * PROMPT_BYTES}]}]
        texts = {f"gen_ai.attribute.{n}": "a value of usual length" for n in range(8)}
        for name, value in {**texts, "user.id": "alice", "gen_ai.input.messages": json.dumps(message)}.items():
            span.attributes.add(key=name).value.string_value = value
        span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = 12
    return made.SerializeToString()


def main(spans: int = 100, connections: int = 8, seconds: int = 10) -> None:
    body = request(spans)
    accepted = [0] * connections

    def send(number: int, port: int, until: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < until:
            connection.request("POST", "/v1/traces", body, {"content-type": "application/x-protobuf"})
            answer = connection.getresponse()
            answer.read()
            accepted[number] += answer.status == 200

    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert server.stdout is not None and server.stdin is not None
        port, until = int(server.stdout.readline()), time.monotonic() + seconds
        threads = [threading.Thread(target=send, args=(number, port, until)) for number in range(connections)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        server.stdin.close()
        server.wait()
        lines = sum(one.read_bytes().count(b"\n") for one in Path(folder, "log/exchanges").iterdir())
        assert lines >= sum(accepted), "what was accepted is on the disk"
    rate = sum(accepted) / seconds
    print(
        f"{rate:,.0f} requests/s, {rate * spans:,.0f} spans/s, {rate * len(body) / 2**20:.1f} MiB/s; {spans=} {connections=}"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
