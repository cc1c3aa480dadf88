"""Our detector of watermarks beside the one in SGLang's wheel, on the same random tokens: what each counts and says.

    pip download --no-deps sglang==0.5.23 && unzip sglang-*.whl 'sglang/srt/sampling/watermarking/*'
    python -m bench.watermark_against_sglang sglang/srt/sampling/watermarking [TEXTS]     # needs msgspec

Only that folder is loaded: the package itself wants a GPU's libraries.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np

from stillwatch.safeguards.watermark.gumbel import Text, detect, drawn

KEY, SECOND = "0123456789abcdef", "fedcba9876543210"
CLOSE = 1e-9  # relative difference of two sums in another order


def main(folder: Path, texts: int) -> int:
    """Texts on which the two differ."""
    sys.path.insert(0, str(folder.resolve().parent))
    theirs = importlib.import_module(f"{folder.name}.detector").WatermarkDetector
    differ, worst = 0, 0.0
    for seed in range(texts):
        chance = np.random.default_rng(seed)
        window, most = int(chance.integers(1, 9)), int(chance.choice([4_096, 20]))
        below = int(chance.choice([2, 5, 150_000, 2**32]))
        tokens = chance.integers(0, below, chance.integers(0, 300), np.uint64).tolist()
        prompt = chance.integers(0, below, chance.integers(0, 12), np.uint64).tolist()
        dual, share = bool(seed % 2), float(chance.choice([0.5, 0.3, 0.9]))
        given = {"key_b": SECOND, "mixing_probability": share} if dual else {}
        their = theirs(KEY, context_window=window, max_contexts=most, **given)
        told = their.detect_tokens(tokens, prompt_token_ids=prompt)
        if dual:
            of = drawn([Text(tokens, prompt)], "sglang-dual", window, most, second=SECOND, share=share)
        else:
            of = drawn([Text(tokens, prompt)], "sglang", window, most)
        ours = detect(KEY, of)
        wanted = np.array([told.combined.score, told.combined.log_p_value])
        apart = float(np.max(np.abs(wanted - [ours.score, ours.log_p]) / np.maximum(np.abs(wanted), 1.0)))
        same = (ours.tokens, of.repeated) == (told.combined.num_contexts, told.repeated_contexts)
        worst, differ = max(worst, apart), differ + (not same or apart > CLOSE)
    print(f"{texts} texts: {differ} differ; largest relative difference {worst:.1e}")
    return differ


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 400)))
