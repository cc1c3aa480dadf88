"""All of it in order: a teacher, what it writes, students, tests."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import torch

from stillwatch.errors import BadConfiguration
from stillwatch.laboratory import document
from stillwatch.laboratory.harvest import Harvest, Teaching, Writing, asked, prompts, right, ways
from stillwatch.laboratory.honest import costs
from stillwatch.laboratory.looked import Looking, canary
from stillwatch.laboratory.models.sampling import answers, likeliest
from stillwatch.laboratory.plan import Size, lessons, named
from stillwatch.laboratory.served import Shown, omitted, reordered, whole
from stillwatch.laboratory.students import Classroom
from stillwatch.laboratory.workers import THREADS, Work, done

if TYPE_CHECKING:
    from stillwatch.run import Watcher

DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class Settings:
    """What was asked for."""

    size: Size
    seed: int
    device: str  # cpu or cuda
    summarise: Shown  # the guard's own, from above: the laboratory does not know the guard
    workers: int = 1  # students that learn at once
    command: tuple[str, ...] = ()


def settings(
    size: str, seed: int, device: str, summarise: Shown, workers: int, command: tuple[str, ...] = ()
) -> Settings:
    """From words as people write them."""
    there = torch.cuda.is_available()
    if device not in DEVICES:
        raise BadConfiguration(f"there is no device {device!r}", "--device", ", ".join(DEVICES), "--device auto")
    if device == "cuda" and not there:
        raise BadConfiguration("torch sees no GPU", "--device cuda", ", ".join(DEVICES), "--device cpu")
    place = device if device != "auto" else "cuda" if there else "cpu"
    return Settings(named(size), seed, place, summarise, workers if place == "cpu" else 1, command)


def distilled(settings: Settings, watcher: Watcher) -> dict[str, Any]:
    """The document of a run."""
    torch.set_num_threads(THREADS)
    size, seed, device = settings.size, settings.seed, settings.device
    shows = {"whole": whole, "omitted": omitted, "summary": settings.summarise, "reordered": reordered}
    clock = Clock(watcher, settings.workers)

    (teacher, loss), (proxy, _) = clock.does("models", Teaching(size, seed, device), ["teacher", "proxy"])
    held_out = asked(size.asked, Random(f"{seed} held out"))
    found = right(held_out, answers(teacher, [one.prompt for one in held_out], likeliest, size.longest, device))

    served, every = prompts(size, seed), ways(size)
    texts = clock.does("texts", Writing(size, teacher, proxy, served, seed, device), every)
    harvest = Harvest(served, dict(zip(every, texts, strict=True)))

    students = clock.does("students", Classroom(size, harvest, held_out, shows, seed, device), lessons(size))
    looks = clock.does("tests", Looking(size, students, harvest, seed), list(size.windows))
    lessons_alike = [one.lesson for one in students if document.alike(one.lesson) and one.lesson.number == 0]
    unmarked = [one for one in students if one.lesson.canaries or one.lesson.name == "none"]
    return document.document(
        document.Made(
            settings_of(settings), loss, found, students, [look for some in looks for look in some],
            [canary(one, harvest) for one in unmarked], costs(lessons_alike, harvest, teacher, shows),
        ),
        clock.seconds,
    )  # fmt: skip


def settings_of(settings: Settings) -> Mapping[str, Any]:
    """As they stand in the document."""
    return {
        "size": settings.size, "seed": settings.seed, "device": settings.device, "workers": settings.workers,
        "command": list(settings.command),
    }  # fmt: skip


class Clock:
    """Has work done, and keeps the seconds of processor and of wall that it took."""

    def __init__(self, watcher: Watcher, workers: int) -> None:
        self.watcher, self.workers = watcher, workers
        self.seconds: dict[str, dict[str, float]] = {}

    def does(self, name: str, work: Work, parts: Sequence[Any]) -> list[Any]:
        """What came of each part."""
        self.watcher.begins(name, len(parts))
        begun = time.perf_counter()
        found, processor = done(work, parts, self.workers, self.watcher.advances)
        wall = time.perf_counter() - begun
        self.seconds[name] = {"wall": round(wall, 1), "cpu": round(processor, 1)}
        self.watcher.ends(name, len(parts), wall)
        return found
