"""distill.json: everything that was measured, in one document that pages and pictures are views of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student_t

from stillwatch.laboratory.honest import Honest
from stillwatch.laboratory.looked import Look
from stillwatch.laboratory.plan import LABORATORY_ONLY, Lesson
from stillwatch.laboratory.radioactivity import uniformity
from stillwatch.laboratory.students import Student
from stillwatch.laboratory.versions import versions

SCHEMA_VERSION = 1  # of distill.json
_LEVEL = 1.959964  # standard deviations of a two-sided interval of 95%

Document = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """What a run came to."""

    settings: Mapping[str, Any]
    loss: float  # of the teacher, nats a token
    right: Sequence[bool]  # the teacher's answers to held-out problems, each token the likeliest
    students: Sequence[Student]
    looks: Sequence[Look]
    canaries: Sequence[Document]
    honest: Mapping[str, Honest]


def document(of: Made, seconds: Mapping[str, Mapping[str, float]]) -> Document:
    """Plain values alone, as JSON has them."""
    settings = dict(of.settings)
    size = settings.pop("size")
    return {
        "schema_version": SCHEMA_VERSION,
        "settings": {**settings, "size": _plain(asdict(size))},
        "versions": versions(),
        "seconds": {**seconds, "all": {
            unit: round(sum(one[unit] for one in seconds.values()), 1) for unit in ("wall", "cpu")
        }},
        "teacher": {"loss": of.loss, **share(sum(of.right), len(of.right))},
        "safeguards": safeguards(of),
        "students": [_student(one) for one in of.students],
        "marks": [_look(one) for one in of.looks],
        "controls": _controls(of.looks),
        "canaries": list(of.canaries),
        "laboratory_only": LABORATORY_ONLY,
    }  # fmt: skip


def share(hits: int, of: int) -> Document:
    """With Wilson's interval of 95%."""
    rate = hits / of
    middle, wide = (rate + _LEVEL**2 / (2 * of)), _LEVEL * math.sqrt(rate * (1 - rate) / of + (_LEVEL / (2 * of)) ** 2)
    scale = 1 + _LEVEL**2 / of
    return {"hits": hits, "of": of, "value": rate, "low": (middle - wide) / scale, "high": (middle + wide) / scale}


def alike(lesson: Lesson) -> bool:
    """Whether a student is of the table of safeguards: all it learned was treated alike, and it did nothing about it."""
    return lesson.share == 1 and not lesson.canaries and not lesson.reworded


def safeguards(of: Made) -> list[Document]:
    """What each costs students and honest users, against none."""
    groups: dict[str, list[Student]] = {}
    for one in of.students:
        if alike(one.lesson):
            groups.setdefault(one.lesson.name, []).append(one)
    by_name = {name: [_accuracy([one])["value"] for one in students] for name, students in groups.items()}
    # A canary is a name among sixteen: whoever learned one learned whole answers, as those do whom nothing is kept from.
    by_name["none"] += [_accuracy([one])["value"] for one in of.students if one.lesson.canaries]
    free = of.honest["none"]
    found = []
    for name, students in groups.items():
        cost = of.honest[name]
        answers, before = share(cost.right, cost.answers), share(free.right, free.answers)
        found.append({
            "safeguard": name, "laboratory_only": students[0].lesson.texts in LABORATORY_ONLY,
            "accuracy": float(np.mean(by_name[name])), "by_student": by_name[name], "student_loss": lost(by_name, name),
            "answers": answers, "honest_loss": less(before, answers),
            "billed": [one.material.billed for one in students], "shown": [one.material.shown for one in students],
            "steps_shown": cost.steps_shown, "tokens": cost.tokens, "more_tokens": cost.tokens / free.tokens - 1,
            "log_probability": cost.log_probability, "distinct": cost.distinct,
            "course": _course(students),
        })  # fmt: skip
    return found


def lost(by_name: Mapping[str, Sequence[float]], name: str) -> Document:
    """How much less students get right than those whom nothing is kept from, with an interval of 95%.

    Two students of one kind differ by more than the number of problems explains: they began with other weights. How much
    is taken from all kinds together, since there are few of each.
    """
    plain, here = by_name["none"], by_name[name]
    freedom = sum(len(one) - 1 for one in by_name.values())
    spread = math.sqrt(sum(float(np.var(one)) * len(one) for one in by_name.values()) / max(freedom, 1))
    value = float(np.mean(plain) - np.mean(here))
    wide = float(student_t.ppf(0.975, max(freedom, 1))) * spread * math.sqrt(1 / len(plain) + 1 / len(here))
    return {"value": value, "low": value - wide, "high": value + wide, "beyond_chance": abs(value) > wide}


def less(before: Document, after: Document) -> Document:
    """How much smaller a share is, with Newcombe's interval; whether it is beyond chance."""
    value = before["value"] - after["value"]
    low = value - math.hypot(before["value"] - before["low"], after["high"] - after["value"])
    high = value + math.hypot(before["high"] - before["value"], after["value"] - after["low"])
    return {"value": value, "low": low, "high": high, "beyond_chance": low > 0 or high < 0}


def _accuracy(students: Sequence[Student]) -> Document:
    return share(sum(one.course[-1][1] for one in students), sum(one.course[-1][2] for one in students))


def _course(students: Sequence[Student]) -> list[Document]:
    points = zip(*(one.course for one in students), strict=True)
    return [
        {
            "billed": round(np.mean([one[0] for one in at])),
            **share(sum(one[1] for one in at), sum(one[2] for one in at)),
        }
        for at in points
    ]


def _student(of: Student) -> Document:
    return {
        **asdict(of.lesson), "window": of.lesson.window, "loss": of.loss,
        "answers": len(of.material.examples), "marked": len(of.material.marked), "bearing_canaries": of.material.canaries,
        "billed": of.material.billed, "shown": of.material.shown, "accuracy": _accuracy([of]),
    }  # fmt: skip


def _look(of: Look) -> Document:
    return {
        "student": of.student.lesson.name, "number": of.student.lesson.number, "window": of.window,
        "share": of.student.lesson.share if of.student.lesson.window else 0.0, "reworded": of.student.lesson.reworded,
        "prompts": of.prompts, "score": of.score, "pairs": of.tested.pairs, "log10_p": of.tested.log10_p,
        "z": of.tested.z, "rank_p": of.tested.rank_p, "control_keys": len(of.tested.controls),
    }  # fmt: skip


def _controls(looks: Sequence[Look]) -> list[Document]:
    """Whether p-values are honest: of students that learned nothing marked by the key, and of keys that marked nothing."""
    found = []
    for kind in dict.fromkeys((one.window, one.prompts, one.score) for one in looks):
        here = [one for one in looks if (one.window, one.prompts, one.score) == kind and one.tested.pairs]
        unmarked = [10**one.tested.log10_p for one in here if not one.student.lesson.window]
        if not unmarked:
            continue
        keys = np.concatenate([one.tested.controls for one in here])
        z = [one.tested.z for one in here if not one.student.lesson.window]
        found.append({
            "window": kind[0], "prompts": kind[1], "score": kind[2],
            "students": len(unmarked), "smallest": min(unmarked), "log10_p": [math.log10(one) for one in unmarked],
            "uniform_p": uniformity(unmarked), "z_mean": float(np.mean(z)), "z_deviation": float(np.std(z)),
            "keys": len(keys),
            "keys_below": {str(level): float((keys <= level).mean()) for level in (0.05, 0.01, 0.001)},
            "keys_smallest": float(keys.min()),
        })  # fmt: skip
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value
