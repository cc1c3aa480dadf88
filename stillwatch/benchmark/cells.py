"""A cell: what one detector did on one case, kept in a file of its own so that an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stillwatch.benchmark.cases import Case
from stillwatch.benchmark.detectors import Detector
from stillwatch.benchmark.measures.accounts import account_counts
from stillwatch.benchmark.measures.calibration import calibration_counts
from stillwatch.benchmark.measures.campaigns import campaign_counts, groups, matches, members
from stillwatch.benchmark.measures.conduct import conduct_counts
from stillwatch.benchmark.measures.exchanges import exchange_counts
from stillwatch.benchmark.measures.ranking import average_precision, score_curve, scores_of
from stillwatch.benchmark.measures.verdicts import verdicts
from stillwatch.benchmark.program import Ran, run_program
from stillwatch.benchmark.replay import Replay, replayed
from stillwatch.benchmark.results import BadResult, Truth, read_result

SCHEMA_VERSION = 1  # of a cell; another number makes every stored cell run again


@dataclass(frozen=True)
class Conditions:
    """Everything that a cell depends on beside the code; when any of it differs, the cell is run again."""

    scale: float
    limit: float  # seconds a run
    prompts: str | None = None
    traces: str | None = None
    benign: str | None = None  # the case whose log stands for {benign}
    replay_every: float | None = None  # days


@dataclass(frozen=True)
class Cell:
    """One detector on one case."""

    case: Case
    detector: Detector
    conditions: Conditions
    threshold: float | None = None  # for a fitted detector; None while it is being fitted
    fitting: bool = False
    schema_version: int = field(default=SCHEMA_VERSION)

    def file(self, out: Path) -> Path:
        return out / "cells" / self.case.folder / f"{self.detector.name}.json"

    @property
    def fingerprint(self) -> str:
        known = asdict(self)
        if not self.detector.needs_benign:
            known["conditions"]["benign"] = None
        if not self.replays:
            known["conditions"]["replay_every"] = None
        for words in ("about", "source"):
            del known["detector"][words]
        return hashlib.blake2b(json.dumps(known, sort_keys=True).encode(), digest_size=12).hexdigest()

    @property
    def replays(self) -> bool:
        return bool(self.conditions.replay_every and self.detector.as_of and not self.fitting)


def stored(cell: Cell, out: Path) -> dict[str, Any] | None:
    """The finished cell. One that failed is tried again, unless it ran over a limit, which it would do once more."""
    try:
        known: dict[str, Any] = json.loads(cell.file(out).read_bytes())
    except (OSError, ValueError):
        return None
    finished = known.get("status") in ("done", "over_limit") and known.get("fingerprint") == cell.fingerprint
    return known if finished else None


def store(document: dict[str, Any], file: Path) -> None:
    """Whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".half")
    half.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(half, file)


def run_cell(cell: Cell, world: Path, truth: Truth, values: dict[str, str], scratch: Path) -> dict[str, Any]:
    """Run the detector on a made world and measure; a failure is a finding as well, and ends up in the same document.

    `scratch` is one case's: detectors with the same command share a run there.
    """
    known = {
        "schema_version": SCHEMA_VERSION,
        "fingerprint": cell.fingerprint,
        "world": cell.case.place.key,
        "label": cell.case.place.label,
        "seed": cell.case.seed,
        "detector": cell.detector.name,
        "fitting": cell.fitting,
        "threshold": cell.threshold,
    }
    ran, result = _ran(cell, world, values, scratch)
    if ran.problem:
        return {**known, "status": "over_limit" if ran.over_limit else "failed", "problem": ran.problem}
    cost = {
        "seconds": ran.seconds,
        "peak_bytes": ran.peak_bytes,
        "rows": truth.world["exchanges"],
        "rows_a_second": truth.world["exchanges"] / ran.seconds,
    }
    try:
        counts = measured(cell, truth, result)
        if cell.replays:
            replay = Replay(world, truth, float(cell.conditions.replay_every or 0), cell.conditions.limit, scratch)
            counts["delays"] = replayed(replay, cell.detector, cell.threshold, values)
    except BadResult as problem:
        return {**known, "status": "failed", "problem": str(problem)}
    return {**known, "status": "done", "problem": None, "cost": cost, **counts}


def _ran(cell: Cell, world: Path, values: dict[str, str], scratch: Path) -> tuple[Ran, Path]:
    """Runs the detector's program, once a case: the same scores with a fitted threshold are no second run."""
    detector = cell.detector
    words = json.dumps([detector.command, detector.exit_codes])
    folder = scratch / hashlib.blake2b(words.encode(), digest_size=8).hexdigest()
    result, report = folder / "result", folder / "ran.json"
    if not report.exists():
        shutil.rmtree(folder, ignore_errors=True)
        filled = detector.filled({**values, "log": str(world / "log"), "out": str(result)})
        store(asdict(run_program(filled, detector.exit_codes, cell.conditions.limit, folder)), report)
    return Ran(**json.loads(report.read_bytes())), result


def measured(cell: Cell, truth: Truth, out: Path) -> dict[str, Any]:
    """The sums of one case; of a fitting case only what the threshold is chosen from."""
    result = read_result(out, cell.detector)
    judged = verdicts(truth.accounts, result.accounts, cell.threshold)
    score, planted = scores_of(judged)
    if cell.fitting:
        return {"curve": score_curve(*scores_of(judged, listed=True)), "planted": int(planted.sum())}
    found = members(judged)
    matched = matches(found) if groups(judged) else {}
    return {
        "accounts": account_counts(judged),
        "average_precision": average_precision(score, planted),
        "exchanges": exchange_counts(truth.exchanges, result.exchanges, truth.accounts),
        "campaigns": campaign_counts(judged),
        "conduct": conduct_counts(truth.world.get("truth"), matched, found, result.campaigns),
        "calibration": calibration_counts(score, planted) if cell.detector.probabilities else None,
        "delays": None,
    }
