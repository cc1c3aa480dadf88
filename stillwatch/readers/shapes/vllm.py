"""vLLM's own log with --enable-log-requests: text lines, one of which holds a request's prompt.

Follows `RequestLogger` in the vLLM repository: vllm/entrypoints/logger.py of 0.6 to 0.10, which logs prompt and parameters
in one line, and entrypoints/serve/utils/request_logger.py of 0.33, which logs the prompt in a line of its own, and only
with --log-level DEBUG (earlier VLLM_LOGGING_LEVEL=DEBUG). The prompt is the conversation as the chat template wrote it,
and is taken apart again (readers/rendered.py).

    exchange_id        request id                       account_id         what stands before the last colon of X-Request-Id
    timestamp          the line's, as UTC               system, prompt, turn                                  prompt
    max_tokens, temperature, logprobs                   SamplingParams, where they are in the same line

To get it, from its output:

    VLLM_LOGGING_LEVEL=DEBUG vllm serve MODEL --enable-log-requests 2>&1 | tee LOG/exchanges/vllm.log

Missing: an account. vLLM does not know one; the gateway in front of it has to send X-Request-Id: ACCOUNT:ID, in place of
what the caller sends under that name, and vLLM takes it over into its request id. Also missing: model, tokens, address,
client, status, end users, tools. Without addresses and clients only texts and times tie accounts. Times have no year: it is
taken from the file's last change. Log the gateway in place of vLLM wherever there is one that sees the prompt.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from stillwatch.readers.bodies import conversed
from stillwatch.readers.rendered import messages
from stillwatch.readers.shape import Part, Passed, Row, Rows, Shape
from stillwatch.readers.values import flag, number, whole

_LINE = re.compile(r"\b(?:DEBUG|INFO|WARNING|ERROR) (?P<day>\d\d-\d\d \d\d:\d\d:\d\d) \[?[\w./-]+:\d+\] (?P<said>.*)")
_PROMPT = re.compile(
    r"""(?:Received request|Request) (?P<id>\S+?)(?: details)?: prompt: (?P<prompt>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
)
_PARAMETER = re.compile(r"\b(?<!prompt_)(max_tokens|temperature|logprobs)=([\w.-]+)")
_KIND = re.compile(r"^(?:chatcmpl|cmpl|resp|msg)[-_]")
_NEXT_DAY = timedelta(days=1)  # clocks and zones: a line this much after the file's last change is not a year old


def _recognises(line: Any) -> bool:
    return _LINE.search(line) is not None


def _opened(path: Path) -> Rows:
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def rows(line: Any) -> Iterator[Part]:
        found = _LINE.search(line)
        asked = _PROMPT.match(found["said"]) if found else None
        if found and asked:
            row = _row(asked, found["said"][asked.end() :], _instant(found["day"], changed))
            yield row, row
        else:
            yield Passed("lines that hold no prompt"), line

    return rows


def _row(asked: re.Match[str], rest: str, timestamp: str | None) -> Row:
    told = dict(_PARAMETER.findall(rest))
    account, colon, _ = _KIND.sub("", asked["id"]).rpartition(":")
    return {
        "exchange_id": asked["id"],
        "account_id": account if colon else None,
        "timestamp": timestamp,
        **conversed(messages(_unquoted(asked["prompt"]))),
        "max_tokens": whole(told.get("max_tokens")),
        "temperature": number(told.get("temperature")),
        "logprobs": flag(told.get("logprobs")),
    }


def _unquoted(literal: str) -> str:
    """What Python wrote as a literal; a lone surrogate in it cannot be stored and is replaced."""
    try:
        text = ast.literal_eval(literal)
    except (ValueError, SyntaxError):
        text = literal[1:-1]
    return str(text).encode("utf-8", "replace").decode("utf-8")


def _instant(day: str, changed: datetime) -> str | None:
    """The latest such day that is not after the file's last change."""
    for year in (changed.year, changed.year - 1):
        try:
            moment = datetime.strptime(f"{year}-{day}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:  # the 29th of February of another year, or no date at all
            continue
        if moment <= changed + _NEXT_DAY:
            return moment.isoformat()
    return None


VLLM = Shape(
    "vllm",
    "vLLM request log",
    _recognises,
    _opened,
    of_lines=True,
    hints={
        "account_id": "vLLM knows no accounts: have the gateway send X-Request-Id: ACCOUNT:ID (docs/log-formats.md)"
    },
)
