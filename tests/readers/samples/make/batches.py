"""Makes the folders openai-batch and anthropic-batch from the types of the packages openai and anthropic.

    pip install openai==3.57.0 anthropic==2.14.0; python batches.py FOLDER

The packages check every field; the files themselves come from services that cannot be run here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse
from fake_model import CHAT, CONVERSATIONS, TOOLS
from openai.types import Batch
from openai.types.chat import ChatCompletion

_SENT = 1_771_923_600  # 2026-02-24T09:00:00Z


def _write(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def openai_batch(folder: Path) -> None:
    answer = ChatCompletion.model_validate({**CHAT, "created": _SENT + 600}).model_dump(mode="json", exclude_none=True)
    requests, answers = [], []
    for number, messages in enumerate(CONVERSATIONS):
        body = {"model": "sample-model", "messages": messages, "max_tokens": 200, "temperature": 0.2, "tools": TOOLS}
        requests.append({"custom_id": f"r{number}", "method": "POST", "url": "/v1/chat/completions", "body": body})
        response = {"status_code": 200, "request_id": f"req_{number}", "body": answer}
        answers.append({"id": f"batch_req_{number}", "custom_id": f"r{number}", "response": response, "error": None})
    asked = {"model": "sample-model", "instructions": "You are a baker.", "input": "How long does rye dough rest?"}
    requests.append({"custom_id": "r3", "method": "POST", "url": "/v1/responses", "body": asked})
    embed = {"model": "sample-embedding", "input": "bread"}
    requests.append({"custom_id": "r4", "method": "POST", "url": "/v1/embeddings", "body": embed})
    batch = Batch.model_validate(
        {
            "id": "batch_abc123", "object": "batch", "endpoint": "/v1/chat/completions", "input_file_id": "file-1",
            "output_file_id": "file-2", "completion_window": "24h", "status": "completed", "created_at": _SENT,
            "request_counts": {"total": 5, "completed": 3, "failed": 2}, "account_id": "acct-7",
            "metadata": {"account_id": "the customer's word"},
        }
    )  # fmt: skip
    _write(folder / "night.input.jsonl", requests)
    _write(folder / "night.output.jsonl", answers)
    (folder / "_night.json").write_text(batch.model_dump_json(exclude_none=True, indent=2) + "\n")


def anthropic_batch(folder: Path) -> None:
    thinking = {"type": "thinking", "thinking": "Flour, water.", "signature": "c2lnbmF0dXJl"}
    talk = [
        {"role": "user", "content": "How do I bake bread?"},
        {"role": "assistant", "content": [thinking, {"type": "text", "text": "With patience."}]},
        {"role": "user", "content": [{"type": "text", "text": "And without yeast?"}]},
    ]
    params = {"model": "sample-model", "max_tokens": 300, "system": "You are a baker.", "metadata": {"user_id": "u7"}}
    requests = [{"custom_id": "r0", "params": {**params, "messages": talk}}]
    requests.append({"custom_id": "r1", "params": {**params, "messages": talk[:1]}})
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "sample-model", "stop_reason": "end_turn",
        "stop_sequence": None, "content": [{"type": "text", "text": "An answer that nobody reads."}],
        "usage": {"input_tokens": 31, "output_tokens": 9},
    }  # fmt: skip
    results = [{"type": "succeeded", "message": message}, {"type": "expired"}]
    answers = [
        MessageBatchIndividualResponse.model_validate({"custom_id": f"r{number}", "result": result})
        for number, result in enumerate(results)
    ]
    counts = {"canceled": 0, "errored": 0, "expired": 1, "processing": 0, "succeeded": 1}
    batch = MessageBatch.model_validate(
        {
            "id": "msgbatch_1", "type": "message_batch", "processing_status": "ended", "request_counts": counts,
            "created_at": "2026-02-24T09:00:00Z", "expires_at": "2026-02-25T09:00:00Z", "ended_at": None,
            "archived_at": None, "cancel_initiated_at": None, "results_url": None,
        }
    )  # fmt: skip
    folder = folder / "account_id=acct-8"
    _write(folder / "day.input.jsonl", requests)
    _write(folder / "day.output.jsonl", [one.model_dump(mode="json", exclude_none=True) for one in answers])
    (folder / "_day.json").write_text(batch.model_dump_json() + "\n")


if __name__ == "__main__":
    openai_batch(Path(sys.argv[1]) / "openai-batch")
    anthropic_batch(Path(sys.argv[1]) / "anthropic-batch")
