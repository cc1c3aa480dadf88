"""Programs that say which prompts belong together: a corpus in, one label a prompt out, none where it stands alone.

Beside stillwatch the tools that people use for near-duplicates and log templates (near_duplicates.py). They are not among
the project's requirements: pip install datasketch rensa drain3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa

from bench.template_pairs import near_duplicates
from bench.template_pairs.corpus import Corpus
from stillwatch.config import Config
from stillwatch.signals.sketch import sketches
from stillwatch.templates import templates
from stillwatch.uses import Recogniser

Labels = Sequence[object]


def stillwatch(made: Corpus) -> Labels:
    """Fingerprint, mine and recognise, with the default settings."""
    config = Config()
    sketch = sketches(pa.array(made.texts, pa.string()), config.text).sketch
    field = pa.array(["prompt"] * len(made.texts))
    documents = pa.table({"field": field, "account_id": pa.array(made.account), "sketch": sketch})
    known = Recogniser(templates(documents, config.templates), "prompt", config.templates)
    return known.recognise(sketch).to_pylist()


ALL: dict[str, Callable[[Corpus], Labels]] = {
    "stillwatch": stillwatch,
    "rensa": lambda made: near_duplicates.rensa(made.texts),
    "datasketch": lambda made: near_duplicates.datasketch(made.texts),
    "drain3": lambda made: near_duplicates.drain3(made.texts),
}
