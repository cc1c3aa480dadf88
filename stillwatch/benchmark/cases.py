"""What is measured on: worlds by short or full name, `@N` for a rung of the evasion ladder, and seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stillwatch.errors import BadConfiguration
from stillwatch.worlds import World, load, names


@dataclass(frozen=True, order=True)
class Place:
    """A world and a rung of its evasion ladder; 0 is the world as it is."""

    world: str  # full name, or a YAML file
    rung: int = 0

    @property
    def label(self) -> str:
        """As short as it can be told apart, since it heads columns."""
        word = self.name.split("-")[0]
        short = word if [name for name in names() if name.startswith(word)] == [self.name] else self.name
        return f"{short}@{self.rung}" if self.rung else short

    @property
    def key(self) -> str:
        """The same whatever other worlds there are."""
        return f"{self.name}@{self.rung}" if self.rung else self.name

    @property
    def name(self) -> str:
        return Path(self.world).stem if _is_file(self.world) else self.world

    def load(self) -> World:
        return load(self.world, self.rung)


def _is_file(world: str) -> bool:
    return world.endswith((".yaml", ".yml"))


@dataclass(frozen=True)
class Case:
    """A world made with one seed."""

    place: Place
    seed: int

    @property
    def name(self) -> str:
        return f"{self.place.label}, seed {self.seed}"

    @property
    def folder(self) -> str:
        return f"{self.place.key}-seed{self.seed}"


def read_place(text: str) -> Place:
    """`disclosure`, `disclosure@2`, `disclosure-2026-02`, `my-world.yaml`."""
    word, at, rung = text.partition("@")
    allowed = (
        f"{', '.join(names())}, the beginning of one, or a YAML file; @N after it for a rung of the evasion ladder"
    )
    known = [name for name in names() if name == word] or [name for name in names() if word and name.startswith(word)]
    if _is_file(word):
        known = [word]
    if len(known) != 1:
        what = f"{len(known)} worlds begin with {word!r}" if known else f"no world called {word!r}"
        raise BadConfiguration(what, f"world {text!r}", allowed, "stillwatch worlds list")
    if at and not rung.isdecimal():
        raise BadConfiguration(f"{rung!r} is no rung", f"world {text!r}", allowed, f"{word}@1")
    place = Place(known[0], int(rung or 0))
    place.load()  # says so itself when the ladder has no such rung
    return place


def places(texts: Sequence[str]) -> list[Place]:
    """In the order given, each once."""
    return list(dict.fromkeys(map(read_place, texts)))


def cases(where: Sequence[Place], seeds: Sequence[int]) -> list[Case]:
    """Every world with every seed; a world's seeds stay together."""
    return [Case(place, seed) for place in where for seed in dict.fromkeys(seeds)]


def check_apart(seeds: Sequence[int], fit_seeds: Sequence[int]) -> None:
    """A threshold fitted on the people it is reported for would flatter the detector."""
    both = sorted(set(seeds) & set(fit_seeds))
    if both:
        raise BadConfiguration(
            f"seed {', '.join(map(str, both))} is both fitted on and reported",
            "--seeds and --fit-seeds",
            "seeds that do not overlap",
            f"--fit-seeds {max([*seeds, *fit_seeds]) + 1}",
        )
