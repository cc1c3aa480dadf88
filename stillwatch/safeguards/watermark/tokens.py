"""Texts as the tokens that an engine draws, by its own tokenizer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stillwatch.errors import BadConfiguration, EngineMissing

Tokens = npt.NDArray[np.uint32]


class Tokenizer:
    """A `tokenizer.json` of Hugging Face's library, which engines load as well. Adds no tokens of its own."""

    def __init__(self, path: Path) -> None:
        try:
            from tokenizers import Tokenizer as Library
        except ImportError:
            raise EngineMissing(
                "the library for tokens is not installed",
                "tokenizers",
                "stillwatch[prove]",
                "pip install 'stillwatch[prove]'",
            ) from None
        try:
            written = path.read_bytes()
            self._library = Library.from_str(written.decode())
        except Exception as problem:  # the library's own errors have no class
            raise BadConfiguration(
                f"the tokenizer cannot be read: {problem}",
                str(path),
                "the tokenizer.json that the engine was started with",
            ) from None
        self.sha256 = hashlib.sha256(written).hexdigest()

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Of each text."""
        found = self._library.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.array(one.ids, np.uint32) for one in found]
