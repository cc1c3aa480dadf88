"""A conversation as a model's chat template wrote it into one text, taken apart again into messages.

Knows the marks of ChatML (Qwen, Yi, many others), Llama 3, Gemma, Phi and GLM, DeepSeek and Mistral. A text with none of
them is one prompt.
"""

from __future__ import annotations

import re
from typing import Any

_ROLES = {"model": "assistant", "observation": "tool", "ipython": "tool", "inst": "user"}
_TURN = re.compile(
    r"<\|im_start\|>(?P<chatml>\w+)\n"
    r"|<\|start_header_id\|>(?P<llama>\w+)<\|end_header_id\|>\n*"
    r"|<start_of_turn>(?P<gemma>\w+)\n"
    r"|<\|(?P<phi>system|user|assistant|tool|observation)\|>\n?"
    r"|<｜(?P<deepseek>User|Assistant)｜>"
    r"|\[(?P<mistral>INST)\]|\[/INST\]"
)
_MARKS = re.compile(
    r"<\|im_end\|>\n?|<\|eot_id\|>|<\|eom_id\|>|<end_of_turn>\n?|<\|end\|>\n?|<\|endoftext\|>"
    r"|<\|begin_of_text\|>|<｜begin▁of▁sentence｜>|<｜end▁of▁sentence｜>|</?s>|<bos>|<eos>|\[gMASK\]|<sop>"
)


def messages(text: str) -> list[dict[str, Any]] | str:
    """Messages with role and content, or the text itself where it has no turns."""
    turns = list(_TURN.finditer(text))
    if not turns:
        return text
    ends = [turn.start() for turn in turns[1:]] + [len(text)]
    found = [_message(turn, text[turn.end() : end]) for turn, end in zip(turns, ends, strict=True)]
    before = _MARKS.sub("", text[: turns[0].start()]).strip()
    return [{"role": "system", "content": before}, *found] if before else found


def _message(turn: re.Match[str], said: str) -> dict[str, Any]:
    role = next((group for group in turn.groups() if group), "assistant").lower()  # [/INST]: the answer begins
    return {"role": _ROLES.get(role, role), "content": _MARKS.sub("", said).strip()}
