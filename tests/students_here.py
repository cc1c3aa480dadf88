"""A made language, a teacher of it that marks by a key as engines do, and students that learn by heart: for tests of proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from stillwatch.safeguards.watermark.gumbel import Drawn, placed, uniform

WORDS = 300  # of the language; each is one token
WINDOW = 2
_SLOPE = 1.1  # of Zipf's frequencies: about four nats a token, as in prose
Rows = list[dict[str, Any]]


def write_tokenizer(path: Path) -> Path:
    """A tokenizer.json of the language."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({f"w{one}": one for one in range(WORDS)} | {"?": WORDS}, unk_token="?"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # type: ignore[assignment]
    made.save(str(path))
    return path


@dataclass(frozen=True)
class Teacher:
    """Draws each word by the one before."""

    chances: np.ndarray[Any, np.dtype[np.float64]]

    def answers(self, many: int, words: int, seed: int, key: str = "", scheme: str = "sglang") -> list[list[int]]:
        """Texts; with a key, each word is the one that the key likes best of those that are likely."""
        chance = np.random.default_rng(seed)
        made = [chance.integers(0, WORDS, WINDOW).tolist() for _ in range(many)]
        seen: set[tuple[int, ...]] = set()
        every = np.tile(np.arange(WORDS, dtype=np.uint32), many)
        for _ in range(words - WINDOW):
            likely = self.chances[[text[-1] for text in made]]
            free = (likely.cumsum(axis=1) > chance.random((many, 1))).argmax(axis=1)
            contexts = [tuple(text[-WINDOW:]) for text in made]
            if key:
                held = np.repeat(placed(scheme, contexts, WINDOW), WORDS, axis=0)
                numbers = uniform([key], Drawn(held, every, scheme=scheme))[0].reshape(many, WORDS)
                keyed = (np.log(numbers) / likely).argmax(axis=1)
                free = np.where([(place, *one) in seen for place, one in enumerate(contexts)], free, keyed)
                seen |= {(place, *one) for place, one in enumerate(contexts)}
            for text, word in zip(made, free.tolist(), strict=True):
                text.append(word)
        return made


def teacher(seed: int = 1) -> Teacher:
    """One of a made language."""
    chance = np.random.default_rng(seed)
    frequencies = 1 / np.arange(1, WORDS + 1) ** _SLOPE
    frequencies /= frequencies.sum()
    return Teacher(np.array([frequencies[chance.permutation(WORDS)] for _ in range(WORDS)]))


def student(learnt: Sequence[Sequence[int]], of: Teacher, many: int, words: int, seed: int) -> list[list[int]]:
    """What one says who knows texts by heart: after two words that he knows he mostly goes on as he learnt."""
    chance = np.random.default_rng(seed)
    known = {tuple(text[at : at + WINDOW]): text[at + WINDOW] for text in learnt for at in range(len(text) - WINDOW)}
    starts = list(known)
    made = [list(starts[one]) for one in chance.integers(0, len(starts), many)]
    for text in made:
        for _ in range(words - WINDOW):
            heart = known.get(tuple(text[-WINDOW:])) if chance.random() < 0.5 else None
            text.append(int(chance.choice(WORDS, p=of.chances[text[-1]])) if heart is None else heart)
    return made


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
