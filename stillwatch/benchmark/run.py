"""The benchmark itself: makes one world after another, lets every detector at it, measures, and throws the log away."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillwatch import worlds
from stillwatch.benchmark.cases import Case, Place, cases, check_apart
from stillwatch.benchmark.cells import Cell, Conditions, run_cell, store, stored
from stillwatch.benchmark.detectors import Detector
from stillwatch.benchmark.document import document
from stillwatch.benchmark.measures.threshold import Threshold, best_threshold
from stillwatch.benchmark.page import page
from stillwatch.benchmark.results import read_truth
from stillwatch.benchmark.versions import versions
from stillwatch.errors import BadConfiguration
from stillwatch.run.locked import locked
from stillwatch.run.progress import Silent, Watcher

LIMIT = 900.0  # seconds a run: generous; a detector that needs longer for a hundredth of a month could not do a month


@dataclass(frozen=True)
class Settings:
    """What is asked for."""

    out: Path
    detectors: Sequence[Detector]
    places: Sequence[Place]
    seeds: Sequence[int]
    fit_places: Sequence[Place] = ()
    fit_seeds: Sequence[int] = ()
    scale: float = 0.01
    prompts: Path | None = None
    traces: Path | None = None
    replay_every: float | None = None  # days; None for no replay
    limit: float = LIMIT
    work: Path | None = None  # where worlds are made; OUT/work by default
    command: Sequence[str] = ()  # the words to repeat it with
    made_by: dict[str, Any] = field(default_factory=versions)

    @property
    def scratch(self) -> Path:
        return (self.work or self.out / "work").resolve()

    @property
    def benign(self) -> Case | None:
        """The honest world that detectors may learn from: the first fitting world without a campaign, its first seed."""
        calm = [place for place in self.fit_places if not place.load().campaigns]
        return Case(calm[0], self.fit_seeds[0]) if calm and self.fit_seeds else None


def benchmark(settings: Settings, watcher: Watcher | None = None) -> dict[str, Any]:
    """Measure, write OUT/detection.json and OUT/detection.html, and return the document."""
    _check(settings)
    with locked(settings.out):
        run = _Run(settings, watcher or Silent())
        try:
            fits = run.fitted()
            finished = run.measured(fits)
        finally:
            shutil.rmtree(settings.scratch, ignore_errors=True)
        made = document(settings, fits, finished)
        store(made, settings.out / "detection.json")
        (settings.out / "detection.html").write_text(page(made), encoding="utf-8")
    return made


@dataclass
class _Run:
    settings: Settings
    watcher: Watcher

    def fitted(self) -> dict[str, Threshold | None]:
        """The threshold of each detector that needs one; None when it gave no planted account a score."""
        fitting = [one for one in self.settings.detectors if one.fitted]
        curves: dict[str, list[tuple[Any, int]]] = {one.name: [] for one in fitting}
        for case in cases(self.settings.fit_places, self.settings.fit_seeds) if fitting else []:
            for cell in self._cells([self._cell(case, one, None, fitting=True) for one in fitting]):
                if cell["status"] == "done":
                    curves[cell["detector"]].append((cell["curve"], cell["planted"]))
        return {name: best_threshold(found) for name, found in curves.items()}

    def measured(self, fits: dict[str, Threshold | None]) -> list[dict[str, Any]]:
        """Every cell that is reported."""
        made: list[dict[str, Any]] = []
        for case in cases(self.settings.places, self.settings.seeds):
            wanted = []
            for one in self.settings.detectors:
                fit = fits.get(one.name)
                if one.fitted and fit is None:
                    made.append(_unfitted(case, one))
                else:
                    wanted.append(self._cell(case, one, fit.score if fit else None))
            made += self._cells(wanted)
        return made

    def _cell(self, case: Case, detector: Detector, threshold: float | None, fitting: bool = False) -> Cell:
        settings = self.settings
        conditions = Conditions(
            settings.scale,
            settings.limit,
            str(settings.prompts) if settings.prompts else None,
            str(settings.traces) if settings.traces else None,
            settings.benign.folder if settings.benign else None,
            settings.replay_every,
        )
        return Cell(case, detector, conditions, threshold, fitting)

    def _cells(self, wanted: Sequence[Cell]) -> list[dict[str, Any]]:
        """The cells of one case, from their files where they are finished; the world is made only for the others."""
        known = {cell.detector.name: stored(cell, self.settings.out) for cell in wanted}
        missing = [cell for cell in wanted if known[cell.detector.name] is None]
        if missing:
            shutil.rmtree(self.settings.scratch / "program", ignore_errors=True)
            world = self._world(missing[0].case, "world")
            truth = read_truth(world / "labels")
            for cell in missing:
                values = self._values(cell.detector)
                started = time.perf_counter()
                self.watcher.begins(f"{cell.case.name}: {cell.detector.name}", None)
                made = run_cell(cell, world, truth, values, self.settings.scratch / "program")
                self.watcher.ends(
                    f"{cell.case.name}: {cell.detector.name}" + ("" if made["status"] == "done" else ", FAILED"),
                    truth.world["exchanges"],
                    time.perf_counter() - started,
                )
                made |= {"made_by": self.settings.made_by}
                store(made, cell.file(self.settings.out))
                known[cell.detector.name] = made
            shutil.rmtree(world)
        return [one for one in known.values() if one is not None]

    def _values(self, detector: Detector) -> dict[str, str]:
        values = {"python": sys.executable, "bin": str(Path(sys.executable).parent)}
        benign = self.settings.benign
        if detector.needs_benign and benign is not None:
            folder = self.settings.scratch / "benign"
            values["benign"] = str((folder if folder.exists() else self._world(benign, "benign")) / "log")
        return values

    def _world(self, case: Case, name: str) -> Path:
        """Made in the scratch folder. Its labels stay in OUT: they are small, and say what the figures are about."""
        folder, settings = self.settings.scratch / name, self.settings
        shutil.rmtree(folder, ignore_errors=True)
        started = time.perf_counter()
        self.watcher.begins(f"{case.name}: make the world", case.place.load().days)
        summary = worlds.make(
            folder,
            case.place.load(),
            scale=settings.scale,
            seed=case.seed,
            prompts=settings.prompts,
            traces=settings.traces,
            progress=lambda done, total: self.watcher.advances(done),
        )
        self.watcher.ends(f"{case.name}: make the world", summary.exchanges, time.perf_counter() - started)
        kept = settings.out / "labels" / case.folder
        kept.mkdir(parents=True, exist_ok=True)
        for file in ("accounts.parquet", "world.json"):
            shutil.copy(folder / "labels" / file, kept / file)
        return folder


def _unfitted(case: Case, detector: Detector) -> dict[str, Any]:
    return {
        "world": case.place.key,
        "label": case.place.label,
        "seed": case.seed,
        "detector": detector.name,
        "fitting": False,
        "threshold": None,
        "status": "failed",
        "problem": "it has no threshold: on the fitting worlds it failed, or gave no planted account a score",
    }


def _check(settings: Settings) -> None:
    """What would only come out after hours."""
    check_apart(settings.seeds, settings.fit_seeds)
    fitted = [one.name for one in settings.detectors if one.fitted]
    if fitted and not (settings.fit_seeds and any(place.load().campaigns for place in settings.fit_places)):
        raise BadConfiguration(
            f"no threshold can be fitted for {', '.join(fitted)}: no fitting world has a campaign",
            "--fit-worlds and --fit-seeds",
            "a world with campaigns among them",
            "--fit-worlds calm disclosure --fit-seeds 1",
        )
    benign = [one.name for one in settings.detectors if one.needs_benign]
    if benign and settings.benign is None:
        raise BadConfiguration(
            f"{', '.join(benign)} reads an honest log ({{benign}}), and no fitting world is without a campaign",
            "--fit-worlds",
            "a world without campaigns among them",
            "--fit-worlds calm disclosure",
        )
