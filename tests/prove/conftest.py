"""A proof from beginning to end: what was served with a campaign's key and without, and who learnt from what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bench.made_language import teacher
from stillwatch.cli import app
from stillwatch.safeguards.canaries import slots as canaries
from stillwatch.safeguards.canaries.choice import SCOPE, chosen
from stillwatch.safeguards.watermark import registry
from stillwatch.safeguards.watermark.keys import Epoch, MarkKey, Secret
from tests.students_here import served_rows, spelt, write_rows, write_tokenizer

SECRET = bytes(range(32))
WEEK, QUARTER = Epoch(604_800, 1_209_600), Epoch(0, 7_862_400)
COMMITTED, SERVED_AT = 604_900.0, "1970-01-09T00:00:00+00:00"
LATER = "2200-01-01T00:00:00+00:00"  # than any plan that a test makes


def key(scope: str, when: Epoch = WEEK) -> MarkKey:
    return Secret(SECRET).key(scope, when)


@dataclass(frozen=True)
class Case:
    """Files of a proof."""

    place: Path

    def __truediv__(self, name: str) -> Path:
        return self.place / name

    def run(self, *words: Any) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of `stillwatch prove`; errors of ours are raised."""
        found = CliRunner().invoke(app, ["prove", *map(str, words)])
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found.exit_code, found.stdout, found.stderr

    def plan(self, out: str = "plan.json", *more: Any) -> dict[str, Any]:
        """A plan over everything that was served."""
        words = (
            "plan",
            self / "served.jsonl",
            "--out",
            self / out,
            *self.common(),
            "--window",
            2,
            "--each",
            6,
            *more,
        )
        assert self.run(*words)[0] == 0
        found: dict[str, Any] = json.loads((self / out).read_bytes())
        return found

    def common(self) -> tuple[Any, ...]:
        return (
            "--secret", self / "secret", "--registry", self / "marks.jsonl", "--seals", self / "seals.jsonl",
            "--tokenizer", self / "tokenizer.json",
        )  # fmt: skip

    def judged(self, suspect: str, *more: Any, plan: str = "plan.json") -> dict[str, Any]:
        """proof.json of a suspect."""
        words = (
            "judge", self / plan, "--suspect", self / f"{suspect}.jsonl", "--served", self / "served.jsonl",
            *self.common(), "--json", *more,
        )  # fmt: skip
        code, out, _ = self.run(*words)
        found: dict[str, Any] = json.loads(out)
        assert code == (1 if found["verdict"].endswith("evidence") and found["verdict"] != "no evidence" else 0)
        return found


def answered(
    plan: dict[str, Any], said: list[list[int]], names: dict[str, str], at: str = LATER
) -> list[dict[str, Any]]:
    """Answers to a plan: texts in turn, and to questions about made-up things a name each."""
    return [
        {"id": one["id"], "at": at, "model": "m", "answer": f"It was {names.get(one['slot'], 'Nobody')}." if one["slot"] else
         spelt(said[place % len(said)])}
        for place, one in enumerate(plan["questions"])
    ]  # fmt: skip


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Everything but what single tests change."""
    case = Case(tmp_path_factory.mktemp("proof"))
    (case / "secret").write_text(SECRET.hex())
    (case / "secret").chmod(0o600)
    write_tokenizer(case / "tokenizer.json")
    keys = [key("C-1"), key("C-2"), key(f"{SCOPE}C-1", QUARTER), key(f"{SCOPE}C-2", QUARTER)]
    why = {"slots_sha256": canaries.load().sha256}
    registry.commit(case / "marks.jsonl", [(one, why) for one in keys], COMMITTED)
    of = teacher()
    marked, plain = of.answers(60, 80, 1, key("C-1").key), of.answers(60, 80, 2)
    mark = {"timestamp": SERVED_AT, "watermark_commitment": key("C-1").commitment}
    write_rows(case / "served.jsonl", [*served_rows(marked, mark), *served_rows(plain, {"timestamp": SERVED_AT}, 60)])
    case.run("seal", case / "served.jsonl", "--secret", case / "secret", "--seals", case / "seals.jsonl")
    plan = case.plan()
    names = dict(chosen(key(f"{SCOPE}C-1", QUARTER).key, canaries.load()))
    others = dict(chosen("00" * 8, canaries.load()))
    for name, learnt, said in (("student", marked, names), ("base", plain, others), ("mute", plain, {})):
        write_rows(case / f"{name}.jsonl", answered(plan, of.student(learnt, 60, 80, 3), said))
    write_rows(case / "words.jsonl", answered(plan, of.student(marked, 60, 80, 4), {}))
    return case


@pytest.fixture
def case(made: Case, tmp_path: Path) -> Iterator[Case]:
    """A copy that may be changed."""
    for one in made.place.iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    (tmp_path / "secret").chmod(0o600)
    yield Case(tmp_path)
