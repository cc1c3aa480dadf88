"""An OpenAI-compatible model on localhost that answers every question alike, so that samples cost nothing and leak nothing."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

_BEGUN = int(time.time())
ANSWER = {"role": "assistant", "content": "An answer that nobody reads."}
USAGE = {"prompt_tokens": 21, "completion_tokens": 7, "total_tokens": 28}
CHAT = {
    "id": "chatcmpl-sample",
    "object": "chat.completion",
    "created": 1_772_000_000,
    "model": "sample-model-2026",
    "choices": [{"index": 0, "finish_reason": "stop", "message": ANSWER}],
    "usage": USAGE,
}
EMBEDDING = {
    "object": "list",
    "model": "sample-embedding",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}],
    "usage": {"prompt_tokens": 3, "total_tokens": 3},
}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(EMBEDDING if self.path.endswith("/embeddings") else CHAT).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: stdout is the sample."""


def started() -> str:
    """The address of a model that runs until the process ends."""
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/v1"


def moved_back() -> int:
    """Seconds that samples are moved back by, so that all are of one day in February 2026 and never in the future."""
    return _BEGUN - int(datetime(2026, 2, 24, 9, tzinfo=UTC).timestamp())


SYSTEM = {"role": "system", "content": "You are a baker. Answer in one sentence."}
TOOLS = [
    {
        "type": "function",
        "function": {"name": "oven", "description": "Set the oven", "parameters": {"type": "object", "properties": {}}},
    }
]
CONVERSATIONS = [
    [SYSTEM, {"role": "user", "content": "How do I bake bread?"}],
    [
        SYSTEM,
        {"role": "user", "content": "How do I bake bread?"},
        {"role": "assistant", "content": "With flour, water, salt and patience."},
        {"role": "user", "content": "And without yeast?"},
    ],
    [{"role": "user", "content": [{"type": "text", "text": "Which flour for pizza?"}]}],
]
