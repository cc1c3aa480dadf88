"""A request body of an LLM API as columns of the contract: OpenAI's chat, completions and Responses, Anthropic, Gemini.

Field names: the request types of the packages openai 3.57 and anthropic 2.14 and, for Gemini, generateContent v1beta.
Only what was asked is taken. Of the conversation so far, the newest user or tool content stays, and a hash of the newest
preserved-reasoning token, which tells one that is replayed by several accounts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from stillwatch.conversations import conversation_in, newest_in
from stillwatch.readers.shape import Row
from stillwatch.readers.values import at, flag, number, parsed, whole, word

_SIGNATURES = ("signature", "encrypted_content", "data", "thought_signature", "thoughtSignature")
_REASONING = ("thinking", "redacted_thinking", "reasoning")
_SYSTEMS = ("system", "instructions", "systemInstruction", "system_instruction")
_SIGNATURE_BYTES = 16  # of a hash: enough to tell signatures apart


def asked(body: Any) -> Row:
    """What a request body says. Without a conversation in it, the row has no prompt."""
    return {
        **conversed(body),
        "model": word(at(body, "model")),
        "tools": at(body, "tools") or at(body, "functions") or None,
        **parameters(body),
        "end_user_id": word(at(body, "safety_identifier"), at(body, "user"), at(body, "metadata", "user_id")),
    }


def newest(body: dict[str, Any]) -> str:
    """The prompt of `asked` alone, empty where there is none: a tenth of its time, for whoever decides while a client waits."""
    messages = _conversation(body)
    return messages if isinstance(messages, str) else newest_in(messages)


def parameters(body: Any) -> Row:
    """The sampling parameters, under any of the names that they have."""
    config = at(body, "generationConfig")
    limits = ("max_completion_tokens", "max_output_tokens", "max_tokens", "max_tokens_to_sample")
    probabilities = [told for name in ("logprobs", "top_logprobs") if (told := flag(at(body, name))) is not None]
    return {
        "max_tokens": whole(*(at(body, name) for name in limits), at(config, "maxOutputTokens")),
        "temperature": number(at(body, "temperature"), at(config, "temperature")),
        "stream": flag(at(body, "stream")),
        "logprobs": any(probabilities) if probabilities else None,
    }


def conversed(messages: Any, system: Any = None) -> Row:
    """System prompt, prompt, turn and reasoning signature of a conversation in whatever form; `system` stands beside it.

    A text may be a conversation written as JSON. One that is JSON and no conversation is what somebody asked.
    """
    text = messages if isinstance(messages, str) else None
    messages = parsed(messages)
    if isinstance(messages, dict):
        system = system or next((messages[name] for name in _SYSTEMS if messages.get(name)), None)
        messages = _conversation(messages)
    told = _joined(system)
    if not messages or isinstance(messages, str):
        return {"system": told, "prompt": messages or text or None}
    found = conversation_in(messages)
    if isinstance(found, str):
        return {"system": told, "messages": messages} if text is None else {"system": told, "prompt": text}
    return {
        "system": told or found.system,
        "prompt": found.prompt,
        "turn": found.turn,
        "reasoning_signature": _signature(messages),
    }


def content(value: Any) -> Any:
    """The content of a message, of which parts may have been written as JSON; any other text is what it is."""
    parts = parsed(value)
    in_parts = isinstance(parts, list) and parts and all(isinstance(at(one, "type"), str) for one in parts)
    return parts if in_parts else value


def _conversation(body: dict[str, Any]) -> Any:
    for name in ("messages", "input", "contents", "prompt"):
        if value := body.get(name):
            texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
            return "\n".join(value) if texts else value
    return None


def _joined(system: Any) -> str | None:
    """A system prompt as text: it may be in parts, and those written as JSON."""
    found = conversation_in([{"role": "user", "content": content(system)}])
    return None if isinstance(found, str) else found.prompt or None


def _signature(messages: Any) -> str | None:
    """Of the newest preserved reasoning that the request hands back, hashed: the token itself is the customer's."""
    for message in reversed(messages if isinstance(messages, list) else []):
        for part in reversed(list(_parts(message))):
            if _is_reasoning(part) and (token := word(*(at(part, name) for name in _SIGNATURES))):
                return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[: 2 * _SIGNATURE_BYTES]
    return None


def _is_reasoning(part: Any) -> bool:
    return at(part, "type") in _REASONING or at(part, "thoughtSignature") is not None


def _parts(message: Any) -> Iterator[Any]:
    """A message itself (Responses put reasoning beside messages) and what it is made of."""
    yield message
    for name in ("content", "parts", "thinking_blocks"):  # thinking_blocks: LiteLLM's, beside an OpenAI message
        value = at(message, name)
        yield from value if isinstance(value, list) else ()
