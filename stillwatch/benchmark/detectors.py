"""Which detectors are measured: a YAML file with one entry each, or stillwatch alone.

NAME:
  about: what it does, in a sentence
  source: where it comes from: paper, package and version
  command: ["{python}", "-m", "something", "{log}", "--out", "{out}"]
  as_of: ["--as-of", "{as_of}"]      when it can leave out what came later; added to the command
  fitted: true                       its threshold is fitted on worlds that are not reported; else its verdicts count
  probabilities: true                its scores claim to be probabilities, and their calibration is measured
  exit_codes: [0]                    those that mean success
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from stillwatch.errors import BadConfiguration

DEFAULT_FILE = Path("bench/detectors.yaml")
PLACEHOLDERS = ("python", "bin", "log", "out", "benign", "as_of")
# The contract's exit codes after which a result is there: done, a campaign at or above --fail-on, some rows set aside.
# A Python program that breaks ends with 1, so that only stillwatch is trusted with these; others say so in `exit_codes`.
STILLWATCH_CODES, USUAL_CODES = (0, 1, 13), (0,)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")  # it names files and heads columns
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class Detector:
    """A program that reads a log folder and writes a result folder."""

    name: str
    command: tuple[str, ...]
    about: str = ""
    source: str = ""
    as_of: tuple[str, ...] = ()
    fitted: bool = False
    probabilities: bool = False
    exit_codes: tuple[int, ...] = field(default=USUAL_CODES)

    @property
    def needs_benign(self) -> bool:
        return any("{benign}" in word for word in self.command)

    def filled(self, values: dict[str, str], as_of: str | None = None) -> list[str]:
        """The command with its placeholders filled in."""
        known = values | ({"as_of": as_of} if as_of is not None else {})
        words = self.command + (self.as_of if as_of is not None else ())
        return [_PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), word) for word in words]


STILLWATCH = Detector(
    "stillwatch",
    ("{bin}/stillwatch", "scan", "{log}", "--out", "{out}", "--quiet"),
    about="The scan of this package, as it comes.",
    source="stillwatch",
    as_of=("--as-of", "{as_of}"),
    probabilities=True,
    exit_codes=STILLWATCH_CODES,
)


def read_detectors(file: Path | None, only: Sequence[str] = ()) -> list[Detector]:
    """Those of the file, in its order; with `only`, those named."""
    chosen = file or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    known = [STILLWATCH] if chosen is None else _read(chosen)
    names = [one.name for one in known]
    for name in only:
        if name not in names:
            raise BadConfiguration(f"no detector called {name!r}", str(chosen or "--only"), ", ".join(names))
    return [one for one in known if not only or one.name in only]


def _read(file: Path) -> list[Detector]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise BadConfiguration(
            f"the detectors cannot be read: {problem}", str(file), "a YAML file", "docs/benchmark.md shows one"
        ) from None
    if not isinstance(document, dict) or not document:
        raise BadConfiguration("there is no detector in it", str(file), "NAME: {command: [...]}", "docs/benchmark.md")
    return [_detector(str(name), entry, file) for name, entry in document.items()]


def _detector(name: str, entry: Any, file: Path) -> Detector:
    allowed = {one.name: str(one.type) for one in fields(Detector) if one.name != "name"}

    def wrong(what: str, may: str = "") -> BadConfiguration:
        return BadConfiguration(what, f"{file}: {name}", may or ", ".join(allowed), "docs/benchmark.md")

    if not _NAME.fullmatch(name):
        raise wrong(f"{name!r} cannot name a file", "letters, digits, and - _ . + after the first")
    if not isinstance(entry, dict) or not entry.get("command"):
        raise wrong("it has no command", 'command: ["{python}", "program.py", "{log}", "{out}"]')
    made: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in allowed:
            raise wrong(f"unknown setting {key!r}")
        if not _fits(value, allowed[key]):
            raise wrong(f"{key} is {value!r}", _SAID[allowed[key]])
        made[key] = tuple(value) if isinstance(value, list) else value
    unknown = {one for word in (*made["command"], *made.get("as_of", ())) for one in _PLACEHOLDER.findall(word)}
    if unknown - set(PLACEHOLDERS):
        raise wrong(
            f"unknown placeholder {sorted(unknown - set(PLACEHOLDERS))}", " ".join(f"{{{one}}}" for one in PLACEHOLDERS)
        )
    ours = made["command"][0] == STILLWATCH.command[0]
    return Detector(name, **{"exit_codes": STILLWATCH_CODES if ours else USUAL_CODES, **made})


_SAID = {
    "str": "text",
    "bool": "true or false",
    "tuple[str, ...]": "a list of texts",
    "tuple[int, ...]": "a list of numbers",
}


def _fits(value: Any, declared: str) -> bool:
    inner = {"tuple[str, ...]": str, "tuple[int, ...]": int}.get(declared)
    if inner is not None:
        return isinstance(value, list) and all(isinstance(one, inner) for one in value)
    return isinstance(value, bool if declared == "bool" else str)
