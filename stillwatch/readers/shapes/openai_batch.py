"""Files of OpenAI's Batch API: NAME.input.jsonl with the requests, joined with NAME.output.jsonl and _NAME.json beside it.

Follows the batch reference of the OpenAI API and the types `Batch` and batch lines of the package openai 3.57; vLLM's
run_batch reads and writes the same lines. How the three files lie, and where account and time come from, is told by
readers/batch.py.

    exchange_id        id of the answer, else batch/custom_id              timestamp      created_at of the batch or answer
    account_id         account_id of the batch's record, else a folder's   session_id     the batch
    model, system, prompt, turn, reasoning_signature, tools, max_tokens, temperature, stream, logprobs, end_user_id     body
    input_tokens, output_tokens, finish_reason                             answer's body: usage, choices, else the error
    status             answer's status_code

To get it, from your own interface, with the account put into the batch's record:

    curl $API/v1/files/INPUT_FILE/content > LOG/exchanges/NAME.input.jsonl    # and OUTPUT_FILE, NAME.output.jsonl
    curl $API/v1/batches/ID | jq '.account_id = "ACCOUNT"' > LOG/exchanges/_NAME.json

Missing: addresses, clients and keys, because a batch is uploaded once: networks and clients cannot be seen. All requests
of a batch have one time: bursts are the batch's, and hours say when it was sent, not when each request was made.
"""

from __future__ import annotations

from typing import Any

from stillwatch.readers.batch import ACCOUNT_HINT, TIME_HINT, Beside, requests
from stillwatch.readers.bodies import asked
from stillwatch.readers.shape import Passed, Row, Shape
from stillwatch.readers.values import at, instant, whole, word

_ASKING = ("/chat/completions", "/completions", "/responses")


def _recognises(record: Any) -> bool:
    if "custom_id" not in record:
        return False
    return {"url", "body"} <= record.keys() or {"response", "error"} <= record.keys()


def _row(record: Any, known: Beside) -> Row | Passed:
    if "body" not in record:
        return Passed("answers of a batch")
    if not (word(at(record, "url")) or "").endswith(_ASKING):
        return Passed("requests that ask no model for text")
    custom_id = word(at(record, "custom_id"))
    answer = known.answers.get(custom_id or "", {})
    return {
        **asked(at(record, "body")),
        "exchange_id": answer.get("exchange_id") or (f"{known.name}/{custom_id}" if custom_id else None),
        "account_id": known.account,
        "organization_id": known.organization,
        "session_id": known.name,
        "timestamp": instant(known.created_at or answer.get("timestamp"), "s"),
        **{name: value for name, value in answer.items() if name not in ("exchange_id", "timestamp")},
    }


def _answer(record: Any) -> Row:
    body, usage = at(record, "response", "body"), at(record, "response", "body", "usage")
    return {
        "exchange_id": word(at(record, "id")),
        "timestamp": at(body, "created") or at(body, "created_at"),
        "status": whole(at(record, "response", "status_code")),
        "input_tokens": whole(at(usage, "prompt_tokens"), at(usage, "input_tokens")),
        "output_tokens": whole(at(usage, "completion_tokens"), at(usage, "output_tokens")),
        "finish_reason": word(
            at(body, "choices", 0, "finish_reason"),
            at(body, "incomplete_details", "reason"),
            at(body, "error", "code"),  # such as content_filter, with a status of 400
            at(body, "status"),
        ),
    }


OPENAI_BATCH = Shape(
    "openai-batch",
    "OpenAI batch",
    _recognises,
    requests(_row, _answer),
    hints={"account_id": ACCOUNT_HINT, "timestamp": TIME_HINT},
)
