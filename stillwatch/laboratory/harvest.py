"""Prompts, and what the teacher writes for them: the same prompts whatever is done to the drawing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch

from stillwatch.laboratory.language.problems import Problem, problem, solved
from stillwatch.laboratory.language.prose import answered, told, worked
from stillwatch.laboratory.language.words import END, PLACES, VOCABULARY, tokens, words
from stillwatch.laboratory.marking import marked
from stillwatch.laboratory.models.decoder import Decoder, Shape
from stillwatch.laboratory.models.sampling import Choice, Model, Tokens, answers, at_random
from stillwatch.laboratory.models.training import Example, trained
from stillwatch.laboratory.plan import HOT, MARKED, STEERED, Size
from stillwatch.laboratory.steering import Steered

HOTTER = 1.5  # temperature of answers that are noisy
MARK = "mark"  # what the key of all marked texts is called
_SPARE = 1.15  # times the prompts that a student of whole solutions needs: a drawing may make shorter ones
_LESSONS = 256  # right solutions that steering takes its aim from


@dataclass(frozen=True)
class Asked:
    """A problem and its prompt."""

    problem: Problem
    prompt: Tokens


@dataclass(frozen=True)
class Harvest:
    """What students can learn from: prompts, and texts by how they were drawn."""

    asked: tuple[Asked, ...]
    texts: dict[str, list[Tokens]]


def key(seed: int, what: str) -> str:
    """A key of a run: 16 hexadecimal digits, as engines take."""
    return hashlib.sha256(f"{seed} {what}".encode()).hexdigest()[:16]


def asked(count: int, random: Random) -> tuple[Asked, ...]:
    """So many problems, none of them a problem of the same words twice."""
    found: dict[Tokens, Problem] = {}
    while len(found) < count:
        one = problem(random)
        found.setdefault(tuple(tokens(told(one, random))), one)
    return tuple(Asked(one, prompt) for prompt, one in found.items())


def ended(text: str) -> Tokens:
    """A text in tokens, with the end that says that it is whole."""
    return (*tokens(text), PLACES[END])


def read(answer: Tokens) -> str:
    """An answer in words, without its end."""
    return words([one for one in answer if one != PLACES[END]])


def right(of: Sequence[Asked], answers: Sequence[Tokens]) -> list[bool]:
    """Which answers are right, and said to their end."""
    return [
        one[-1:] == (PLACES[END],) and answered(read(one)) == solved(asked.problem)
        for asked, one in zip(of, answers, strict=True)
    ]


@dataclass(frozen=True)
class Teaching:
    """Two models that learn from solutions that rules wrote: the teacher, and what steering takes for a student."""

    size: Size
    seed: int
    device: str

    def does(self, name: str) -> tuple[Decoder, float]:
        """One of them, with the loss that it ended at, in nats a token."""
        teacher = name == "teacher"
        shape, course = (self.size.teacher, self.size.teaches) if teacher else (self.size.student, self.size.learns)
        random = Random(f"{self.seed} {name}")
        problems = asked(course.steps * course.batch, random)
        examples = [Example(one.prompt, ended(str(worked(one.problem, random)))) for one in problems]
        own = number(self.seed, name)
        model = made(shape, own, self.device)
        return model, trained(model, examples, course, own)


def number(seed: int, name: str) -> int:
    """A seed of torch's, for one use alone."""
    return int(key(seed, name)[:8], 16)


def made(shape: Shape, seed: int, device: str) -> Decoder:
    """A model that has learned nothing."""
    torch.manual_seed(seed)
    return Decoder(shape, len(VOCABULARY)).to(device)


@dataclass(frozen=True)
class Writing:
    """A teacher that writes for one list of prompts, drawn in each of the ways."""

    size: Size
    teacher: Decoder
    proxy: Decoder
    asked: tuple[Asked, ...]
    seed: int
    device: str

    def does(self, way: str) -> list[Tokens]:
        """All texts, drawn in one way."""
        model: Model = self.teacher
        choose = at_random(self.seed)
        if way.startswith(MARKED):
            choose = marked(key(self.seed, MARK), int(way.removeprefix(MARKED)), self.seed)
        elif way == HOT:
            choose = hotter(HOTTER, self.seed)
        elif way == STEERED:
            random = Random(f"{self.seed} aim")
            some = self.asked[:_LESSONS]
            lessons = [Example(one.prompt, ended(str(worked(one.problem, random)))) for one in some]
            model = Steered(self.teacher, self.proxy, lessons, self.size.strength)
        return answers(model, [one.prompt for one in self.asked], choose, self.size.longest, self.device)


def prompts(size: Size, seed: int) -> tuple[Asked, ...]:
    """What the teacher is asked by those who harvest."""
    return asked(int(_SPARE * size.learns.steps * size.learns.batch), Random(f"{seed} prompts"))


def ways(size: Size) -> list[str]:
    """In which texts are drawn; the one that takes longest comes first."""
    return [STEERED, *(f"{MARKED}{window}" for window in size.windows), "plain", HOT]


def hotter(temperature: float, seed: int) -> Choice:
    """As served, with probabilities evened out."""
    by_chance = at_random(seed)
    return lambda logs, texts: by_chance((logs / temperature).log_softmax(-1), texts)
