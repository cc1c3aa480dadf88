"""Makes litellm.jsonl and litellm-spend.jsonl: LiteLLM's own objects, from calls answered by mock_response.

LiteLLM's price list of the model, which every object carries, is left out, and so are tracebacks: both are LiteLLM's.

    pip install 'litellm[proxy]==1.110.2'; python litellm_logs.py FOLDER
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no network

import litellm
from fake_model import CONVERSATIONS, TOOLS, moved_back
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy import proxy_server
from litellm.proxy.spend_tracking.spend_tracking_utils import get_logging_payload

PAYLOADS: list[Any] = []
SPEND: list[Any] = []


class Keeps(CustomLogger):
    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        back = timedelta(seconds=moved_back())
        payload = {**kwargs["standard_logging_object"], "model_map_information": None}
        payload["error_information"] = {**payload["error_information"], "traceback": ""}
        for name in ("startTime", "endTime", "completionStartTime"):
            payload[name] -= moved_back()
        PAYLOADS.append(payload)
        if payload["status"] == "failure":
            return  # the proxy makes the row of a failure elsewhere
        row = get_logging_payload(kwargs, response_obj, start_time, end_time)
        for name in ("startTime", "endTime", "completionStartTime"):
            row[name] = row[name] - back if row[name] else None
        row["metadata"] = json.dumps({**json.loads(row["metadata"]), "model_map_information": None})
        SPEND.append(row)

    async_log_failure_event = async_log_success_event


def metadata(customer: int) -> dict[str, Any]:
    """What the proxy puts into a request's metadata when a virtual key was used."""
    return {
        "user_api_key": f"{customer:064x}",
        "user_api_key_hash": f"{customer:064x}",
        "user_api_key_user_id": f"user-{customer}",
        "user_api_key_team_id": "team-bakers",
        "user_api_key_org_id": None,
        "requester_ip_address": f"203.0.113.{customer}",
        "user_agent": "OpenAI/Python 1.99.0",
    }


async def main() -> None:
    litellm.callbacks = [Keeps()]
    proxy_server.general_settings["store_prompts_in_spend_logs"] = True
    for customer, messages in enumerate(CONVERSATIONS, 1):
        body = {
            "model": "gpt-4o-mini",
            "messages": messages,
            "temperature": 0.7,
            "max_tokens": 200,
            "user": f"u{customer}",
        }
        asked = {**body, "tools": TOOLS} if customer == 1 else body
        await litellm.acompletion(
            **asked,
            mock_response="An answer that nobody reads.",
            metadata=metadata(customer),
            proxy_server_request={"url": "/v1/chat/completions", "method": "POST", "headers": {}, "body": asked},
        )
    await litellm.aembedding(model="text-embedding-3-small", input=["bread"], mock_response=[0.1], metadata=metadata(1))
    with suppress(litellm.RateLimitError):
        await litellm.acompletion(
            model="gpt-4o-mini",
            messages=CONVERSATIONS[0],
            mock_response="litellm.RateLimitError",
            metadata=metadata(2),
            num_retries=0,
        )
    await asyncio.sleep(3)


if __name__ == "__main__":
    asyncio.run(main())
    folder = Path(sys.argv[1])
    for name, rows in (("litellm", PAYLOADS), ("litellm-spend", SPEND)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row, default=str) + "\n" for row in rows))
