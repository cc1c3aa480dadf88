"""Models see what came before and nothing else; what is drawn by a key is found by it."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import torch

from stillwatch.laboratory.harvest import asked, ended, key, made
from stillwatch.laboratory.language.prose import worked
from stillwatch.laboratory.marking import marked
from stillwatch.laboratory.models.decoder import Decoder, Shape
from stillwatch.laboratory.models.sampling import Tokens, answers, at_random, likeliest
from stillwatch.laboratory.models.training import Course, Example, loss_of, trained
from stillwatch.laboratory.steering import Steered
from stillwatch.safeguards.watermark.gumbel import Text, detect, drawn

KEY = key(1, "any")
MOST = 20  # tokens an answer: a model that has learned nothing comes to no end


@pytest.fixture(scope="module")
def model() -> Decoder:
    return made(Shape(2, 32, 2), 5, "cpu").eval()


@pytest.fixture(scope="module")
def prompts() -> list[Tokens]:
    return [one.prompt for one in asked(40, Random(4))]


@torch.no_grad()
def test_what_comes_later_changes_nothing(model: Decoder) -> None:
    one = torch.randint(0, 100, (2, 12))
    other = one.clone()
    other[:, 7:] = 3
    assert torch.equal(model(one)[:, :7], model(other)[:, :7])
    assert not torch.allclose(model(one)[:, 7:], model(other)[:, 7:])


@torch.no_grad()
def test_read_bit_by_bit_and_beside_longer_texts_a_text_is_the_same(model: Decoder) -> None:
    text = torch.randint(3, 100, (1, 9))
    whole = model(text)[0]
    padded = torch.cat([torch.zeros(1, 4, dtype=torch.long), text], 1)
    read = model.reader(torch.tensor([4]))
    first = read(padded[:, :10])[0]
    assert torch.allclose(first, whole[5], atol=1e-5)
    for place in range(10, 13):
        assert torch.allclose(read(padded[:, place : place + 1])[0], whole[place - 4], atol=1e-5)


@pytest.mark.parametrize("window", [1, 2, 4])
def test_a_mark_is_found_by_its_key_alone(model: Decoder, prompts: list[Tokens], window: int) -> None:
    def log_p(texts: list[Tokens], key: str) -> float:
        together = [Text(text, prompt) for text, prompt in zip(texts, prompts, strict=True)]
        return detect(key, drawn(together, window=window)).log_p

    by_key = answers(model, prompts, marked(KEY, window, 1), MOST)
    by_chance = answers(model, prompts, at_random(1), MOST)
    assert log_p(by_key, KEY) < -50
    assert log_p(by_key, key(1, "other")) > -7 and log_p(by_chance, KEY) > -7


def test_what_is_drawn_is_drawn_again(model: Decoder, prompts: list[Tokens]) -> None:
    one, again = (answers(model, prompts, at_random(3), MOST) for _ in range(2))
    assert one == again != answers(model, prompts, at_random(4), MOST)


def test_a_model_learns(prompts: list[Tokens]) -> None:
    random = Random(6)
    examples = [Example(one.prompt, ended(str(worked(one.problem, random)))) for one in asked(64, random)]
    student = made(Shape(1, 32, 2), 1, "cpu")
    before = float(loss_of(student, examples).detach())
    trained(student, examples, Course(24, 8, 1e-2), 1)
    assert float(loss_of(student, examples).detach()) < before - 0.5


def test_steering_leads_towards_what_makes_a_proxy_worse(model: Decoder, prompts: list[Tokens]) -> None:
    random = Random(7)
    lessons = [Example(one.prompt, ended(str(worked(one.problem, random)))) for one in asked(16, random)]
    proxy = made(Shape(1, 32, 2), 9, "cpu")
    steered = Steered(model, proxy, lessons, 3.0)
    with torch.no_grad():
        assert (
            float(loss_of(steered.worse, lessons))
            > float(loss_of(proxy, lessons))
            > float(loss_of(steered.better, lessons))
        )
    texts = answers(steered, prompts, likeliest, MOST)
    plain = answers(model, prompts, likeliest, MOST)

    def harm(texts: list[Tokens]) -> float:
        with torch.no_grad():
            told = [Example(prompt, text) for prompt, text in zip(prompts, texts, strict=True)]
            return float(loss_of(steered.better, told) - loss_of(steered.worse, told))

    assert harm(texts) > harm(plain)
    assert np.isfinite(harm(texts))
