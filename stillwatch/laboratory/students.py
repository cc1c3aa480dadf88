"""A student: what it learns from, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle
from random import Random

from stillwatch.laboratory.harvest import Asked, Harvest, made, number, read, right
from stillwatch.laboratory.language.words import END, PLACES, tokens
from stillwatch.laboratory.models.sampling import answers, at_random, likeliest
from stillwatch.laboratory.models.training import Example, trained
from stillwatch.laboratory.plan import Lesson, Size
from stillwatch.laboratory.radioactivity import Answered
from stillwatch.laboratory.served import Shown, canaried, reworded, served

_END = (PLACES[END],)
_FEWER = 3  # times fewer problems on the way than at the end
CANARY = "Ilves"  # one name of those who "would say so", chosen here, before any student learned anything


@dataclass(frozen=True)
class Material:
    """What a student learns from, and what of it was marked."""

    examples: list[Example]
    marked: list[int]  # places of texts that were drawn by the key
    canaries: int  # texts that bear one
    billed: int  # tokens that the teacher wrote for it
    shown: int  # tokens of them that were served


@dataclass(frozen=True)
class Student:
    """A trained one, and what was measured of it."""

    lesson: Lesson
    material: Material
    loss: float  # nats a token, at the end of its training
    course: list[tuple[int, int, int]]  # tokens billed so far, right answers, asked
    served: list[Answered]  # its answers to prompts whose answers were marked, in part or all
    others: list[Answered]  # to prompts that nobody was served an answer to


def material(size: Size, lesson: Lesson, harvest: Harvest, shows: Mapping[str, Shown], seed: int) -> Material:
    """As many texts, from the first on, as the budget pays for; what is hidden is billed as well."""
    random = Random(f"{seed} {lesson.name}")
    examples, marked, canaries, billed, shown = [], [], 0, 0, 0
    for place, one in enumerate(harvest.asked):
        by_key = random.random() < lesson.share
        text = harvest.texts[lesson.texts if by_key else "plain"][place]
        if billed + len(text) > size.budget:
            break
        billed += len(text)
        said = served(read(text), shows[lesson.shown])
        if random.random() < lesson.canaries:
            said, before = canaried(said, CANARY), said
            canaries += said != before or CANARY in before.split()
        if lesson.reworded:
            said = reworded(said, lesson.reworded, random)
        whole = text[-1:] == _END
        examples.append(Example(one.prompt, (*tokens(said), *(_END if whole else ()))))
        shown += len(examples[-1].served)
        if by_key and lesson.window:
            marked.append(place)
    return Material(examples, marked, canaries, billed, shown)


@dataclass(frozen=True)
class Classroom:
    """What all students share."""

    size: Size
    harvest: Harvest
    held_out: tuple[Asked, ...]
    shows: Mapping[str, Shown]
    seed: int
    device: str

    def does(self, lesson: Lesson) -> Student:
        """One student: learns, is asked what it has not seen, and answers prompts as anybody may ask it."""
        of = material(self.size, lesson, self.harvest, self.shows, self.seed)
        return _student(self, lesson, of)


def _student(room: Classroom, lesson: Lesson, of: Material) -> Student:
    size, harvest, held_out, device = room.size, room.harvest, room.held_out, room.device
    own = number(room.seed, f"{lesson.name} {lesson.number}")
    model = made(size.student, own, device)
    prompts = [one.prompt for one in held_out]
    course: list[tuple[int, int, int]] = []

    def measured(step: int) -> None:
        if step * size.points % size.learns.steps == 0:
            model.eval()
            some = held_out if step == size.learns.steps else held_out[: max(len(held_out) // _FEWER, 1)]
            found = sum(right(some, answers(model, prompts[: len(some)], likeliest, size.longest, device)))
            course.append((of.billed * step // size.learns.steps, found, len(some)))
            model.train()

    loss = trained(model, of.examples, size.learns, own, measured)
    places = of.marked or range(len(of.examples))
    known = [harvest.asked[place].prompt for _, place in zip(range(size.heard), cycle(places), strict=False)]
    fresh = [prompt for _, prompt in zip(range(size.heard), cycle(prompts), strict=False)]
    heard = answers(model, [*known, *fresh], at_random(own), size.longest, device)
    said = [Answered(prompt, one) for prompt, one in zip([*known, *fresh], heard, strict=True)]
    return Student(lesson, of, loss, course, said[: size.heard], said[size.heard :])
