"""The fixed words of a template, with slots written as ⟨…⟩, from a few of its texts.

Only words that every example has, in the same order, are shown; the examples are of different accounts, so what one
customer wrote stays in the slot. Texts are read again for this and not kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

SLOT = "⟨…⟩"
_TOKEN = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff]+|\d+|[\u3040-\u30ff\u3400-\u9fff]|\s+|[^\w\s]|_", re.UNICODE)
_MAX_TOKENS = 700  # of a text, half from each end: alignment is quadratic, and templates stand at the ends
_MIN_RUN = 5  # tokens (words, spaces, marks, ideographs) that agree in a row; shorter runs are chance


def skeleton(texts: Sequence[str], max_characters: int) -> str:
    """Shared words of the texts; a slot wherever any of them differs. Empty for fewer than two texts."""
    if len(texts) < 2:
        return ""
    parts: list[str] = _tokens(texts[0])
    for text in texts[1:]:
        parts = _shared(parts, _tokens(text))
    written = re.sub(rf"(\s*{SLOT}\s*)+", f" {SLOT} ", "".join(parts)).strip()
    return written if len(written) <= max_characters else written[: max_characters - 2].rstrip() + " …"


def _tokens(text: str) -> list[str]:
    tokens = [token if token.strip() else " " for token in _TOKEN.findall(text)]
    if len(tokens) > _MAX_TOKENS:
        tokens = [*tokens[: _MAX_TOKENS // 2], SLOT, *tokens[-_MAX_TOKENS // 2 :]]
    return tokens


def _shared(parts: list[str], tokens: list[str]) -> list[str]:
    kept: list[str] = []
    end_a = end_b = 0
    for block in SequenceMatcher(None, parts, tokens, autojunk=False).get_matching_blocks():
        words = [part for part in parts[block.a : block.a + block.size] if part != SLOT]
        if block.size and len(words) < _MIN_RUN and block.a + block.size < len(parts):
            continue
        if (block.a > end_a or block.b > end_b) and (not kept or kept[-1] != SLOT):
            kept.append(SLOT)
        kept += parts[block.a : block.a + block.size]
        end_a, end_b = block.a + block.size, block.b + block.size
    return kept
