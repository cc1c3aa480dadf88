"""What a teacher of a made language has served, and a tokenizer of it: for tests of proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from bench.made_language import WORDS

Rows = list[dict[str, Any]]


def write_tokenizer(path: Path) -> Path:
    """A tokenizer.json of the language."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({f"w{one}": one for one in range(WORDS)} | {"?": WORDS}, unk_token="?"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # type: ignore[assignment]
    made.save(str(path))
    return path


def spelt(tokens: Sequence[int]) -> str:
    """As text."""
    return " ".join(f"w{one}" for one in tokens)


def write_rows(path: Path, rows: Rows) -> Path:
    """JSON lines."""
    path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in rows))
    return path


def served_rows(texts: Sequence[Sequence[int]], more: Mapping[str, Any], begin: int = 0) -> Rows:
    """Exchanges in which these were answered, to prompts that are none of the answers' words."""
    return [
        {
            "exchange_id": f"x-{begin + place}",
            "prompt": f"tell me about {begin + place}",
            "response": spelt(text),
            **more,
        }
        for place, text in enumerate(texts)
    ]
