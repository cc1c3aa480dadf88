"""A judgement as one document for programs; the page and the terminal show the same."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import orjson

from stillwatch import __version__
from stillwatch.prove import wording
from stillwatch.prove.judge import Judgement, Model, Tested
from stillwatch.prove.lifted import LEANING
from stillwatch.safeguards.chain import instant

SCHEMA_VERSION = 1


def document(judged: Judgement, made_at: str, heads: dict[str, str]) -> dict[str, Any]:
    """Everything but texts; logarithms are to base 10. `heads` are the hashes of the last lines of registry and seals."""
    plan = judged.plan
    return {
        "schema_version": SCHEMA_VERSION, "stillwatch": __version__, "made_at": made_at, "verdict": judged.verdict,
        "headline": wording.headline(judged), "meaning": wording.meaning(judged), "doubts": list(judged.doubts),
        "limits": list(wording.limits(judged)),
        "plan": {
            "sha256": plan.sha256, "made_at": plan.made_at, "level": plan.level, "scheme": plan.scheme,
            "window": plan.window, "tokenizer": plan.tokenizer, "root": plan.root, "texts": plan.texts,
            "questions": len(plan.questions), "slots": plan.slots,
        },
        "keys": [{**_promised(one), "served": judged.served.get(one.commitment, 0)} for one in plan.keys],
        "canaries": [_promised(one) for one in plan.canaries],
        "heads": heads, "checks": [asdict(one) for one in judged.checks],
        "suspect": _model(judged.suspect, plan.level), "controls": [_model(one, plan.level) for one in judged.controls],
    }  # fmt: skip


def written(told: dict[str, Any]) -> bytes:
    """As a file."""
    return orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n"


def _promised(one: Any) -> dict[str, Any]:
    return {"scope": one.scope, "from": _day(one.begins), "until": _day(one.ends), "commitment": one.commitment}


def _model(one: Model, level: float) -> dict[str, Any]:
    return {
        "name": one.name, "answers": one.answers, "tokens": one.tokens, "models": list(one.models),
        "log10_p": _log10(one.best), "tests": [_test(test, level) for test in one.tests],
    }  # fmt: skip


def _test(one: Tested, level: float) -> dict[str, Any]:
    told: dict[str, Any] = {
        "test": wording.tested(one), "scope": one.scope, "log10_p": _log10(one.log_p),
        "log10_p_corrected": _log10(one.corrected), "mark": None, "slots": None,
    }  # fmt: skip
    if one.lift is not None:
        lift = one.lift
        told["mark"] = {
            "from": _day(lift.epoch[0]), "commitment": lift.commitment, "counts": lift.counts,
            "contexts": lift.contexts, "mean": None if lift.counts == LEANING else lift.mean, "z": lift.z,
            "log10_p_published": _log10(lift.log_p_published),
            "seen_from": None if math.isinf(lift.seen_from) else lift.seen_from, "controls": asdict(lift.controls),
        }  # fmt: skip
    if one.recall is not None:
        found = one.corrected <= math.log(level)  # what was chosen for others is still in use, and stays a secret
        told["slots"] = [asdict(slot) | ({} if found else {"chosen": None}) for slot in one.recall.slots]
    return told


def _log10(log_p: float) -> float:
    return round(log_p / wording.LN10, 3) + 0.0


def _day(seconds: int) -> str:
    return instant(seconds)[:10]
