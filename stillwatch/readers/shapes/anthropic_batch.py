"""Files of Anthropic's Message Batches: NAME.input.jsonl with the requests, joined with NAME.output.jsonl and _NAME.json.

Follows `MessageBatch`, `MessageBatchIndividualResponse` and the request type of the package anthropic 2.14. The interface
takes the requests as one list; they are read one a line (jq -c '.requests[]'). How the files lie is told by readers/batch.py.

    exchange_id        batch/custom_id                                     timestamp      created_at of the batch
    account_id         account_id of the batch's record, else a folder's   session_id     the batch
    model, system, prompt, turn, reasoning_signature, tools, max_tokens, temperature, stream, end_user_id       params
    input_tokens, output_tokens, finish_reason                             answer's message: usage, stop_reason
    status             200 for succeeded, 400 for errored; nothing for canceled and expired

To get it, from your own interface, the answers as they are, and the batch's record as for OpenAI's:

    curl $API/v1/messages/batches/ID/results > LOG/exchanges/NAME.output.jsonl

Missing: addresses, clients and keys, as of OpenAI's. Answers carry no time: without the batch's record there is none.
"""

from __future__ import annotations

from typing import Any

from stillwatch.readers.batch import ACCOUNT_HINT, TIME_HINT, Beside, requests
from stillwatch.readers.bodies import asked
from stillwatch.readers.shape import Passed, Row, Shape
from stillwatch.readers.values import at, instant, whole, word

_STATUS = {"succeeded": 200, "errored": 400}


def _recognises(record: Any) -> bool:
    if "custom_id" not in record:
        return False
    return isinstance(record.get("params"), dict) or at(record, "result", "type") is not None


def _row(record: Any, known: Beside) -> Row | Passed:
    if "params" not in record:
        return Passed("answers of a batch")
    custom_id = word(at(record, "custom_id"))
    return {
        **asked(at(record, "params")),
        "exchange_id": f"{known.name}/{custom_id}" if custom_id else None,
        "account_id": known.account,
        "organization_id": known.organization,
        "session_id": known.name,
        "timestamp": instant(known.created_at, "s"),
        **known.answers.get(custom_id or "", {}),
    }


def _answer(record: Any) -> Row:
    message, kind = at(record, "result", "message"), word(at(record, "result", "type"))
    return {
        "status": _STATUS.get(kind or ""),
        "input_tokens": whole(at(message, "usage", "input_tokens")),
        "output_tokens": whole(at(message, "usage", "output_tokens")),
        "finish_reason": word(at(message, "stop_reason")),
    }


ANTHROPIC_BATCH = Shape(
    "anthropic-batch",
    "Anthropic batch",
    _recognises,
    requests(_row, _answer),
    hints={"account_id": ACCOUNT_HINT, "timestamp": TIME_HINT},
)
