"""What transformers writes with a mark, drawn by a small model that is made here: it is found, and follows its settings."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pytest
import torch
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.watermark.gumbel import Text, detect, drawn
from stillwatch.safeguards.watermark.marking import Mark, Marking

KEY, OTHER, PADDING, VOCABULARY = "0123456789abcdef", "0123456789abcdee", 0, 90
PROMPTS = [[5], [7, 8, 9, 10, 11, 12], [13, 14, 15]]


@cache
def model() -> Any:
    torch.manual_seed(0)
    made = GPT2Config(
        vocab_size=VOCABULARY, n_positions=128, n_embd=16, n_layer=1, n_head=2, initializer_range=0.5,
        bos_token_id=1, eos_token_id=None, pad_token_id=PADDING,
    )  # fmt: skip
    return GPT2LMHeadModel(made).eval()


def answers(mark: Mark | None, tokens: int = 40, **settings: Any) -> list[list[int]]:
    longest = max(map(len, PROMPTS))
    ids = torch.tensor([[PADDING] * (longest - len(one)) + one for one in PROMPTS])
    made = model().generate(
        ids, attention_mask=(ids != PADDING).long(), max_new_tokens=tokens, watermarking_config=mark,
        **{"do_sample": True, "top_k": 0, **settings},
    )  # fmt: skip
    return made[:, longest:].tolist()


@pytest.mark.parametrize("settings", [{}, {"temperature": 1.4, "top_k": 30, "top_p": 0.9}])
@pytest.mark.parametrize("scheme", ["sglang", "vllm"])
def test_each_row_of_a_batch_is_found_by_its_key_alone(scheme: str, settings: dict[str, Any]) -> None:
    for prompt, answer in zip(PROMPTS, answers(Mark(KEY, scheme, padding=PADDING), **settings), strict=True):
        of = drawn([Text(answer, prompt)], scheme)
        assert len(of) > 30 and detect(KEY, of).log_p < math.log(1e-6)
        assert detect(OTHER, of).log_p > math.log(1e-5)


def test_without_a_mark_nothing_is_found() -> None:
    texts = [Text(answer, prompt) for prompt, answer in zip(PROMPTS, answers(None), strict=True)]
    assert detect(KEY, drawn(texts)).log_p > math.log(1e-3)


def test_the_mark_is_of_what_temperature_and_truncation_leave() -> None:
    """With one token left there is nothing to mark: the answer is the one without a mark."""
    assert answers(Mark(KEY, padding=PADDING), 12, top_k=1) == answers(None, 12, top_k=1)


def step(mark: Mark, rows: list[list[int]], prompt: int, chances: list[float]) -> list[list[float]]:
    marking = Marking(mark)
    marking(torch.tensor(rows)[:, :prompt], torch.tensor([chances] * len(rows)).log())
    made = marking(torch.tensor(rows), torch.tensor([chances] * len(rows)).log())
    return made.softmax(-1).tolist()


def test_a_context_that_was_there_before_is_left_to_chance() -> None:
    chances = [0.1, 0.2, 0.3, 0.4]
    again, new = step(Mark(KEY, window=1), [[0, 3, 2, 3], [0, 3, 2, 1]], 1, chances)
    assert again == pytest.approx(chances) and sorted(new) == [0.0, 0.0, 0.0, 1.0]


def test_a_context_of_the_prompt_alone_is_not_there_before() -> None:
    (made,) = step(Mark(KEY, window=1), [[3, 2, 3, 2, 1]], 4, [0.25] * 4)
    assert sorted(made) == [0.0, 0.0, 0.0, 1.0]


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    chances, texts = [0.1, 0.2, 0.3, 0.4], 600
    rows = [[one, one + 1] for one in range(texts)]
    marked = Marking(Mark(KEY, window=2))(torch.tensor(rows), torch.tensor([chances] * texts).log()).softmax(-1)
    for share, expected in zip(marked.mean(0).tolist(), chances, strict=True):
        assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / texts)


def test_padding_of_a_batch_is_not_part_of_a_prompt() -> None:
    alone = step(Mark(KEY, padding=0), [[7, 3]], 1, [0.25] * 4)
    assert step(Mark(KEY, padding=0), [[0, 0, 7, 3]], 3, [0.25] * 4) == alone
    assert step(Mark(KEY, "vllm"), [[0, 5, 7, 3]], 3, [0.25] * 4) == step(Mark(KEY, "vllm"), [[7, 3]], 1, [0.25] * 4)


@pytest.mark.parametrize("given", [("xyz",), ("0" * 16, "vllm-dual"), ("0" * 16, "sglang", 0)])
def test_what_cannot_mark_is_told(given: tuple[Any, ...]) -> None:
    with pytest.raises(BadConfiguration, match="16 hexadecimal digits, sglang or vllm"):
        Mark(*given)


def test_settings_that_are_logged_or_saved_have_no_key() -> None:
    settings = GenerationConfig(do_sample=True, watermarking_config=Mark(KEY))
    assert KEY not in repr(Mark(KEY)) and KEY not in repr(settings) and KEY not in str(settings.to_dict())
