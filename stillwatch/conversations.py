"""What was asked, taken from a whole conversation: system prompt, newest user or tool content, number of the turn.

Reads the lists of messages that OpenAI- and Anthropic-style interfaces take, also with content in parts, the items of
OpenAI's Responses, the parts of OpenTelemetry and Gemini, and a whole request body with such a list in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

_SYSTEM = ("system", "developer")
_ASKING = ("user", "tool", "function")  # roles whose newest content is what the model answers
_RESULTS = ("function_call_output", "custom_tool_call_output", "computer_call_output", "local_shell_call_output")
_TOOL_PARTS = ("tool_result", "tool_call_response")
_HOLDING = ("text", "content", "output", "parts", "response", "result")  # keys of a part under which its text stands
_DEEPEST = 8  # parts within parts: tool results hold texts; deeper is not a conversation


@dataclass(frozen=True)
class Conversation:
    system: str | None
    prompt: str
    turn: int  # user messages before the newest


def conversation(text: str) -> Conversation | str:
    """The conversation in a JSON text, or in words why there is none."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        return f"not JSON: {problem.msg}"
    return conversation_in(document)


def conversation_in(document: Any) -> Conversation | str:
    """The same of a document that is parsed already."""
    system = None
    if isinstance(document, dict):
        system = _text(document.get("system")) or None
        document = document.get("messages")
    if not isinstance(document, list):
        return "a JSON list of messages was expected"
    messages = [one for one in document if isinstance(one, dict)]
    if system is None:
        system = next((said(one) for one in messages if one.get("role") in _SYSTEM), None)
    asking = [one for one in messages if _is_asking(one)]
    if not asking:
        return "no message with the role user or tool"
    turn = sum(_is_users_own(one) for one in asking[:-1])
    return Conversation(system, said(asking[-1]), turn)


def newest_in(document: Any) -> str:
    """The prompt of `conversation_in` alone, found from the end; empty where there is no conversation."""
    messages = document.get("messages") if isinstance(document, dict) else document
    if not isinstance(messages, list):
        return ""
    return next((said(one) for one in reversed(messages) if isinstance(one, dict) and _is_asking(one)), "")


def resolved(arrays: list[pa.Array], names: list[str]) -> tuple[list[pa.Array], dict[int, tuple[str, str]]]:
    """Columns of exchanges with system, prompt and turn filled from `messages` where there is no prompt.

    Also gives the rows where that is impossible, with the column and the reason. What a row already has is kept.
    """
    place = {name: i for i, name in enumerate(names)}
    prompts, messages = arrays[place["prompt"]], arrays[place["messages"]]
    if prompts.null_count == 0:
        return arrays, {}
    bad: dict[int, tuple[str, str]] = {}
    found: list[tuple[int, Conversation]] = []
    for row in np.flatnonzero(prompts.is_null().to_numpy(zero_copy_only=False)).tolist():
        text = messages[row].as_py()
        if text is None:
            bad[row] = ("prompt", "is missing, and so is messages: one of the two is needed")
            continue
        one = conversation(text)
        if isinstance(one, str):
            bad[row] = ("messages", one)
        else:
            found.append((row, one))
    mask = np.zeros(len(prompts), np.bool_)
    mask[[row for row, _ in found]] = True
    filled = list(arrays)
    for name, values in (
        ("system", pa.array([one.system for _, one in found], pa.string())),
        ("prompt", pa.array([one.prompt for _, one in found], pa.string())),
        ("turn", pa.array([one.turn for _, one in found], pa.int32())),
    ):
        given = filled[place[name]]
        plain = given.dictionary_decode() if pa.types.is_dictionary(given.type) else given
        made = pc.coalesce(plain, pc.replace_with_mask(pa.nulls(len(plain), plain.type), mask, values))
        filled[place[name]] = made if plain is given else made.dictionary_encode()
    return filled, bad


def _is_asking(message: dict[str, Any]) -> bool:
    return message.get("role") in _ASKING or message.get("type") in _RESULTS


def _is_users_own(message: dict[str, Any]) -> bool:
    """A message a person wrote, as opposed to a tool's result under the role user, as Anthropic's interface has it."""
    content = message.get("content", message.get("parts"))
    if message.get("role") != "user" or not isinstance(content, list):
        return message.get("role") == "user"
    return any(not (isinstance(part, dict) and part.get("type") in _TOOL_PARTS) for part in content)


def said(message: dict[str, Any]) -> str:
    """The text of a message, of whatever parts: a tool's result as well."""
    return _text(next((message[key] for key in ("content", "parts", "output") if message.get(key) is not None), None))


def _text(content: Any, depth: int = 0) -> str:
    """The text in a content: a string, or parts, of which some hold text and some hold parts again."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        for key in _HOLDING:
            if key in content and depth < _DEEPEST:
                return _text(content[key], depth + 1)
    if isinstance(content, list) and depth < _DEEPEST:
        return "\n".join(text for part in content if (text := _text(part, depth + 1)))
    return ""
