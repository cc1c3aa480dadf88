"""`stillwatch share …` in this process, with the exit code and the error that the command line would give."""

from __future__ import annotations

from dataclasses import dataclass

from typer.testing import CliRunner

from stillwatch.cli.share import app
from stillwatch.errors import StillwatchError


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


def share(*words: object) -> Done:
    """Words as one types them."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(result.exception, StillwatchError):
        return Done(result.exception.exit_code, result.stdout, f"{result.stderr}{result.exception}")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)
