"""Makes vllm-0.10.log and vllm-0.33.log: lines as vLLM's RequestLogger writes them, through Python's logging.

    python vllm_log.py FOLDER

vLLM itself needs a GPU and a model; message formats and line format are those of its source at the versions named in
stillwatch/readers/shapes/vllm.py. The request ids are what a gateway makes of them that sends X-Request-Id: ACCOUNT:ID.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CHATML = (
    "<|im_start|>system\nYou are a baker. Answer in one sentence.<|im_end|>\n"
    "<|im_start|>user\nHow do I bake bread?<|im_end|>\n<|im_start|>assistant\n"
)
LLAMA = (
    "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nIt's bread: how?<|eot_id|>"
    '<|start_header_id|>assistant<|end_header_id|>\n\nWith "patience".<|eot_id|>'
    "<|start_header_id|>user<|end_header_id|>\n\nAnd without yeast?<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n"
)
PARAMS = (
    "SamplingParams(n=1, presence_penalty=0.0, frequency_penalty=0.0, repetition_penalty=1.0, temperature=0.7, top_p=1.0, "
    "top_k=0, min_p=0.0, seed=None, stop=[], stop_token_ids=[], bad_words=[], include_stop_str_in_output=False, "
    "ignore_eos=False, max_tokens=512, min_tokens=0, logprobs=None, prompt_logprobs=None, skip_special_tokens=True)"
)
IDS = ("chatcmpl-acct-1:6f1c2d", "chatcmpl-acct-2:77ab01")
_SENT = datetime(2026, 2, 24, 9, tzinfo=UTC).timestamp()


def _logger(prefix: str) -> tuple[logging.Logger, io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    formatter = logging.Formatter(
        f"{prefix}%(levelname)s %(asctime)s [%(filename)s:%(lineno)d] %(message)s", "%m-%d %H:%M:%S"
    )
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logger = logging.Logger("vllm", logging.DEBUG)
    logger.addHandler(handler)
    return logger, written


def _say(logger: logging.Logger, level: int, file: str, message: str, *values: Any) -> None:
    record = logger.makeRecord("vllm", level, file, 43, message, values, None)
    record.created = _SENT
    logger.handle(record)


def main(folder: Path) -> None:
    older, written = _logger("")
    _say(older, logging.INFO, "api_server.py", "vLLM API server version 0.10.0")
    for request_id, prompt in zip(IDS, (CHATML, LLAMA), strict=True):
        _say(
            older, logging.INFO, "logger.py",
            "Received request %s: prompt: %r, params: %s, prompt_token_ids: %s, prompt_embeds shape: %s, lora_request: %s.",
            request_id, prompt, PARAMS, None, None, None,
        )  # fmt: skip
    written.write('INFO:     127.0.0.1:5000 - "POST /v1/chat/completions HTTP/1.1" 200 OK\n')
    _keep(folder / "vllm-0.10.log", written.getvalue())
    newer, written = _logger("(APIServer pid=7) ")
    for request_id, prompt in zip(IDS, (CHATML, LLAMA), strict=True):
        _say(
            newer, logging.DEBUG, "request_logger.py",
            "Request %s details: prompt: %r, prompt_token_ids: %s, prompt_embeds shape: %s.", request_id, prompt, [1, 2], None,
        )  # fmt: skip
        _say(
            newer, logging.INFO, "request_logger.py", "Received request %s: params: %s, lora_request: %s.",
            request_id, PARAMS, None,
        )  # fmt: skip
    _keep(folder / "vllm-0.33.log", written.getvalue())


def _keep(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, (_SENT, _SENT))  # vLLM's times have no year; a checkout does not keep this


if __name__ == "__main__":
    main(Path(sys.argv[1]))
