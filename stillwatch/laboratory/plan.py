"""How large everything is, and which students there are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stillwatch.errors import BadConfiguration
from stillwatch.laboratory.models.decoder import Shape
from stillwatch.laboratory.models.sampling import MOST_WRITTEN
from stillwatch.laboratory.models.training import Course

SHARES = (0.01, 0.05, 0.10, 0.25, 1.0)  # of what a student learns from, that bears a mark or a canary
WINDOWS = (1, 2, 4)  # tokens of context that a mark's numbers follow from
REWORDED = 0.8  # of words that mean the same as others, exchanged by a student who fears marks
STRENGTH = 0.5  # of steering: see Size.strength


@dataclass(frozen=True)
class Size:
    """One size of the laboratory."""

    name: str
    teacher: Shape
    teaches: Course  # the teacher's own, on solutions that rules wrote
    student: Shape
    learns: Course  # the same for every student: as many steps, as many examples in each
    budget: int  # tokens that a student's owner is billed for: whole solutions, shown or not
    points: int  # of the way at which accuracy is measured
    asked: int  # held-out problems that accuracy is measured on
    heard: int  # answers, to prompts that were served and as many to others, in which a mark is looked for
    seeds: int  # students of each safeguard; of marks, of each window at each share there is one
    windows: tuple[int, ...] = WINDOWS
    shares: tuple[float, ...] = SHARES
    strength: float = STRENGTH
    longest: int = MOST_WRITTEN  # tokens of an answer
    controls: int = 1_000  # keys that marked nothing


SIZES = {
    "tiny": Size(
        "tiny", Shape(1, 32, 2), Course(24, 8, 5e-3), Shape(1, 32, 2), Course(8, 8, 5e-3), 1_200, 2, 8, 8, 1,
        windows=(1,), shares=(0.25, 1.0), controls=50, longest=40,
    ),
    "small": Size(
        "small", Shape(2, 64, 2), Course(800, 16, 5e-3), Shape(2, 64, 2), Course(272, 16, 5e-3), 225_000, 4, 400, 320, 3,
    ),
    "medium": Size(
        "medium", Shape(4, 128, 4), Course(6_000, 64, 2e-3), Shape(3, 96, 3), Course(1_600, 32, 3e-3), 2_660_000, 6,
        2_000, 1_024, 3,
    ),
}  # fmt: skip


def named(name: str) -> Size:
    """One of those by its name."""
    if name not in SIZES:
        raise BadConfiguration(f"there is no size {name!r}", "--size", ", ".join(SIZES), "--size small")
    return SIZES[name]


@dataclass(frozen=True)
class Lesson:
    """What a student learns from: which texts, how much of them is shown, and what was done to them."""

    name: str
    texts: str = "plain"  # how the teacher drew what is served
    share: float = 1.0  # of the texts that were drawn so; the rest was drawn plainly
    shown: str = "whole"
    canaries: float = 0.0  # share of the texts that bear one
    reworded: float = 0.0
    number: int = 0  # of students alike

    @property
    def window(self) -> int:
        """Of its mark; 0 of texts without."""
        return int(self.texts.removeprefix(MARKED)) if self.texts.startswith(MARKED) else 0


MARKED = "marked "  # and the window
STEERED, HOT = "steered", "hot"  # of the laboratory alone
LABORATORY_ONLY = {
    STEERED: "antidistillation sampling: tokens that do harm to who learns them",
    HOT: "temperature 1.5: noise, not aimed at anything",
}  # both falsify what is served


def lessons(size: Size) -> list[Lesson]:
    """All students."""
    alike = [
        Lesson("none"),
        Lesson("omitted", shown="omitted"),
        Lesson("summary", shown="summary"),
        Lesson("reordered", shown="reordered"),
        *(Lesson(f"watermark, window {window}", f"{MARKED}{window}") for window in size.windows),
        *(Lesson(name, name) for name in LABORATORY_ONLY),
    ]
    found = [replace(one, number=number) for one in alike for number in range(size.seeds)]
    part = [share for share in size.shares if share < 1]
    found += [
        Lesson(f"watermark, window {window}, {share:.0%}", f"{MARKED}{window}", share)
        for window in size.windows
        for share in part
    ]
    found += [Lesson(f"canaries, {share:.0%}", canaries=share) for share in part]
    middle = size.windows[len(size.windows) // 2]
    return [*found, Lesson(f"watermark, window {middle}, reworded", f"{MARKED}{middle}", reworded=REWORDED)]
