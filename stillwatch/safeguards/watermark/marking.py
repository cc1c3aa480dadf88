"""Marks what transformers writes: `generate(do_sample=True, watermarking_config=Mark(key))` draws as SGLang or vLLM do.

Not a logits_processor of the caller's: transformers 5 puts those before temperature, top-k, top-p and their kind, and a mark
made there would be of another distribution than answers are drawn from. What is given as `watermarking_config` comes after
all of them (only `renormalize_logits` is later, and changes nothing here), so the mark is of the final distribution.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from transformers import LogitsProcessor
from transformers.generation.configuration_utils import BaseWatermarkingConfig

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.watermark.gumbel import SCHEMES, UNKNOWN, WINDOW, Drawn, placed, uniform

Tokens = npt.NDArray[np.int64]


class Mark(BaseWatermarkingConfig):  # type: ignore[misc]
    """How answers are marked: a key of 16 hexadecimal digits, a scheme with one key and its window.

    `padding` is the token that prompts of a batch are filled up with on their left; without it those fillings would be taken
    for tokens of the prompt. With do_sample=False it draws all the same, by the key.
    """

    def __init__(self, key: str, scheme: str = "sglang", window: int = WINDOW, padding: int | None = None) -> None:
        self.key, self.scheme, self.window, self.padding = key, scheme, window, padding
        self.validate()

    def validate(self) -> None:
        """An error where no answer could be marked."""
        try:
            right = len(self.key) == 16 and int(self.key, 16) >= 0
        except ValueError:
            right = False
        if not right or self.scheme not in ("sglang", "vllm") or self.window < 1:
            raise BadConfiguration(
                f"scheme {self.scheme!r} with a window of {self.window}", "Mark",
                "a key of 16 hexadecimal digits, sglang or vllm, 1 or more",
            )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """All but the key: settings of generation are logged and saved."""
        return {"scheme": self.scheme, "window": self.window, "padding": self.padding}

    def to_json_string(self) -> str:
        """What its text is made of."""
        return json.dumps(self.to_dict()) + "\n"

    def construct_processor(self, vocab_size: int, device: Any) -> Marking:
        """Of one call of `generate`."""
        return Marking(self)


class Marking(LogitsProcessor):  # type: ignore[misc]
    """Leaves of each row's distribution the one token that the key draws; where a context was there before, all of it.

    It looks at the whole row at each step and remembers nothing of it, so rows may change places.
    """

    def __init__(self, mark: Mark) -> None:
        self._mark = mark
        self._prompt = -1  # tokens, with their padding

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """One step of all rows."""
        if self._prompt < 0:
            self._prompt = input_ids.shape[1]
        told = input_ids.cpu().numpy()
        chances = scores.double().softmax(dim=-1).cpu().numpy()
        made = scores.clone()
        for row in range(len(told)):
            token = self._choice(self._known(told[row]), chances[row])
            if token is not None:
                made[row] = -torch.inf
                made[row, token] = 0.0
        return made

    def _known(self, told: Tokens) -> Tokens:
        """A row with -1 for what its contexts leave out, and as many before it as a context may reach back."""
        begins = self._prompt
        if SCHEMES[self._mark.scheme].prompted:
            own = np.flatnonzero(
                told[: self._prompt] != (UNKNOWN if self._mark.padding is None else self._mark.padding)
            )
            begins = int(own[0]) if len(own) else self._prompt
        return np.concatenate([np.full(begins + self._mark.window, UNKNOWN), told[begins:]])

    def _choice(self, known: Tokens, chances: npt.NDArray[np.float64]) -> int | None:
        """The token that is drawn; none where it is left to chance."""
        scheme, window = self._mark.scheme, self._mark.window
        contexts = np.lib.stride_tricks.sliding_window_view(known, window)[self._prompt :]
        context, before = contexts[-1], contexts[:-1]
        if (before == context).all(axis=1).any():
            return None
        prompted, most = SCHEMES[scheme].prompted, SCHEMES[scheme].most
        if most is not None and len(before) >= most and len(np.unique(before, axis=0)) >= most:
            return None
        words = tuple(context[context != UNKNOWN].tolist()) if prompted else tuple(context.tolist())
        if not words:
            return None  # SGLang marks no token with nothing before it
        tokens = np.flatnonzero(chances > 0.0)
        same = np.repeat(placed(scheme, [words], window), len(tokens), axis=0)
        number = uniform([self._mark.key], Drawn(same, tokens.astype(np.uint32), scheme=scheme))[0]
        return int(tokens[np.argmax(np.log(number) / chances[tokens])])
