"""Our detector of vLLM's watermarks beside the released code: its detectors on random tokens, and texts that its sampler drew.

    pip download --no-deps vllm==0.33.0 && unzip vllm-*.whl 'vllm/v1/watermarking/*' \\
        vllm/config/watermarking.py vllm/v1/worker/gpu/sample/watermark.py
    python -m bench.watermark_against_vllm vllm [TEXTS]     # needs torch and pydantic

Only those files are loaded, with empty modules in place of what else they name: the package itself wants a GPU's libraries.
Contexts, repeats and draws are those functions of its sampler that run without one.
"""

from __future__ import annotations

import importlib
import logging
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import torch

from stillwatch.safeguards.watermark.gumbel import Drawn, Text, detect, drawn, placed, uniform

KEY = "0123456789abcdef"
CLOSE = 1e-6  # relative difference: theirs are sums and probabilities in another order, through floats of 32 bits
MODES = ("none", "single_turn", "all")  # of the engine's `deduplicate_contexts`
VOCABULARY = 24  # tokens that a made model chooses from: contexts of one or two tokens then repeat
ENGINE_TEXTS, LONG = 3, 100  # drawn in each mode, and their tokens
STAND_INS: dict[str, dict[str, Any]] = {
    "vllm.config.utils": {"config": lambda made: made},
    "vllm.logger": {"init_logger": logging.getLogger},
    "vllm.sampling_params": {"SamplingParams": object},
    "vllm.triton_utils": {
        "HAS_TRITON": False,
        "tl": SimpleNamespace(constexpr=int),
        "triton": SimpleNamespace(jit=lambda made=None, **_: made or (lambda later: later)),
    },
    "vllm.v1.sample.ops.topk_topp_sampler": {"apply_top_k_top_p": None},
    "vllm.v1.worker.gpu.buffer_utils": {"UvaBackedTensor": object},
    "vllm.v1.worker.gpu.sample.gumbel": {"gumbel_noised_argmax": None, "spec_step_seed": None, "gumbel_sample": None},
    "vllm.v1.worker.gpu.sample.sampler": {"Sampler": object},
    "vllm.v1.worker.gpu.spec_decode.rejection_sampler_utils": {"rejection_sample": None},
}
PACKAGES = ("vllm", "vllm.config", "vllm.v1", "vllm.v1.worker", "vllm.v1.worker.gpu", "vllm.v1.worker.gpu.sample")


def load(folder: Path) -> Any:
    """Their package of watermarks, and their sampler."""
    for name in PACKAGES:
        package = ModuleType(name)
        package.__path__ = [str(folder.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package
    for name, holds in STAND_INS.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(holds)
    return importlib.import_module("vllm.v1.watermarking")


def detectors(theirs: Any, texts: int) -> int:
    """Texts on which the two differ."""
    differ, apart = 0, 0.0
    fitted: list[float] = []
    for seed in range(texts):
        chance = np.random.default_rng(seed)
        window, dual, alpha = int(chance.integers(1, 10)), bool(seed % 2), float(chance.choice([0.1, 0.5, 0.3]))
        below = int(chance.choice([2, 5, 150_000, 2**31]))
        tokens = chance.integers(0, below, chance.integers(0, 300)).tolist()
        key = int(chance.integers(0, 2**64, dtype=np.uint64))
        if dual:
            told = theirs.DualKeyGumbelWatermarkDetector(key, window, alpha=alpha).detect(tokens)
            of = drawn([Text(tokens)], "vllm-dual", window, share=1.0 - alpha)
        else:
            told = theirs.GumbelWatermarkDetector(key, window).detect(tokens)
            of = drawn([Text(tokens)], "vllm", window)
        ours = detect(f"{key:016x}", of)
        apart = max(apart, abs(ours.score - told.score) / max(told.score, 1.0))
        same = ours.tokens == told.num_scored_tokens and abs(ours.score - told.score) <= CLOSE * max(told.score, 1.0)
        if dual and tokens:
            fitted.append(abs(math.log10(told.p_value) - ours.log_p / math.log(10)))
        else:
            same &= abs(math.exp(ours.log_p) - told.p_value) <= CLOSE
        differ += not same
    print(f"{texts} texts: {differ} differ; largest relative difference of scores {apart:.1e}")
    print(f"  two keys: our p-value and their fitted one are up to {max(fitted):.2f} powers of ten apart")
    return differ


def answer(theirs: Any, watermarker: Any, mode: str, prompt: list[int], chance: torch.Generator) -> tuple[Any, ...]:
    """Tokens that their sampler draws after a prompt, the probabilities it drew from, and which it marked."""
    sampler = importlib.import_module("vllm.v1.watermarking.gpu_sampler").GPUWatermarkSampler
    ids = torch.zeros(1, len(prompt) + LONG, dtype=torch.int32)
    ids[0, : len(prompt)] = torch.tensor(prompt)
    total, one = torch.tensor([len(prompt)], dtype=torch.int32), torch.zeros(1, dtype=torch.int32)
    there = SimpleNamespace(
        all_token_ids=SimpleNamespace(gpu=ids),
        prompt_len=SimpleNamespace(gpu=total.clone()),
        total_len=SimpleNamespace(gpu=total),
    )
    state = SimpleNamespace(
        watermarker=watermarker, req_states=there, deduplicate_contexts=mode, deduplicate_contexts_max_history=8_192
    )

    def at_random(logits: torch.Tensor) -> torch.Tensor:
        return torch.multinomial(logits.softmax(-1), 1, generator=chance).squeeze(-1)

    chances, marked = [], []
    for place in range(len(prompt), len(prompt) + LONG):
        logits = 2.0 * torch.randn(1, VOCABULARY, generator=chance)
        contexts = sampler._get_contexts(state, one)
        skip = torch.zeros(1, dtype=torch.bool)
        if mode != "none":
            skip = sampler._get_repeated_contexts(state, one, contexts)
        made = watermarker.sample(logits, contexts, at_random, skip_mask=skip)
        ids[0, place] = made.token_ids[0]
        total += 1
        chances.append(logits.double().softmax(-1)[0].numpy())
        marked.append(not bool(skip[0]))
    return ids[0, len(prompt) :].tolist(), chances, marked


def engine(theirs: Any, mode: str, window: int, dual: bool) -> int:
    """Tokens that count for us, were marked by their sampler, and are not what our numbers would have drawn."""
    wrong = counted = unmarked = 0
    found, fitted = [], []
    for seed in range(ENGINE_TEXTS):
        chance = torch.Generator().manual_seed(seed)
        made: Callable[..., Any] = theirs.DualKeyGumbelWatermarker if dual else theirs.GumbelWatermarker
        prompt = np.random.default_rng(seed).integers(0, VOCABULARY, 9).tolist()
        tokens, chances, marked = answer(theirs, made(int(KEY, 16), window), mode, prompt, chance)
        found.append(detect(KEY, drawn([Text(tokens, prompt)], "vllm-dual" if dual else "vllm", window)).log_p)
        if dual:
            fitted.append(theirs.DualKeyGumbelWatermarkDetector(int(KEY, 16), window).detect(tokens).p_value)
        padded, seen = [-1] * window + tokens, set()
        for place, token in enumerate(tokens):
            context = tuple(padded[place : place + window])
            if context in seen:
                continue
            seen.add(context)
            counted, unmarked = counted + 1, unmarked + (not marked[place])
            if marked[place] and not dual:
                wrong += token != choice(context, chances[place], window)
    said = f"of {counted} tokens that count {unmarked} were not marked"
    said += f"; fitted p {np.median(np.log10(fitted)):.1f}" if dual else f", {wrong} of the others are not as we draw"
    print(
        f"  {'two keys' if dual else 'one key'}, {mode}, window {window}: {said}; "
        f"median log10 p {np.median(found) / math.log(10):.1f}"
    )
    return wrong


def choice(context: tuple[int, ...], chances: np.ndarray, window: int) -> int:
    """What an engine draws with the numbers of our detector."""
    of = Drawn(placed("vllm", [context], window), np.arange(VOCABULARY, dtype=np.uint32), scheme="vllm")
    of = replace(of, contexts=np.repeat(of.contexts, VOCABULARY, axis=0))
    return int(np.argmax(np.log(uniform([KEY], of)[0]) / chances))


def main(folder: Path, texts: int) -> int:
    """What differs."""
    torch.set_num_threads(1)  # what is worked on is tiny
    theirs = load(folder.resolve())
    differ = detectors(theirs, texts)
    print(f"{ENGINE_TEXTS} texts of {LONG} tokens that vLLM's sampler drew, in each mode")
    for mode in MODES:
        for window, dual in ((1, False), (4, False), (4, True)):
            differ += engine(theirs, mode, window, dual)
    return differ


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 400)))
