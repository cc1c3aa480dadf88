"""The command line: one file per command. stdout is the answer, stderr everything else."""

from __future__ import annotations

import os
import sys

import typer

from stillwatch import __version__
from stillwatch.cli import (
    backtest,
    bench,
    canary,
    demo,
    explain,
    guard,
    link,
    policy,
    prove,
    replay,
    report,
    scan,
    share,
    verify,
    watch,
    watermark,
    worlds,
)
from stillwatch.errors import DEFECT, EXIT_CODES, StillwatchError

_CODES = "\n\n".join(f"{code}: {meaning}" for code, meaning in EXIT_CODES)

app = typer.Typer(
    help="Find, prove and stop large-scale illicit distillation of an LLM API. Defensive only: it reads logs, and stands in "
    "front of your own API.",
    epilog=f"Exit codes\n\n{_CODES}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("scan")(scan.scan)
app.command("link")(link.link)
app.command("replay")(replay.replay)
app.command("watch")(watch.watch)
app.command("explain")(explain.explain)
app.command("report")(report.report)
app.command("backtest")(backtest.backtest)
app.command("guard")(guard.guard)
app.command("demo")(demo.demo)
app.add_typer(policy.app, name="policy")
app.add_typer(verify.app, name="verify")
app.add_typer(share.app, name="share")
app.add_typer(watermark.app, name="watermark")
app.add_typer(canary.app, name="canary")
app.add_typer(prove.app, name="prove")
app.add_typer(worlds.app, name="worlds")
app.add_typer(bench.app, name="bench")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Options before the command."""


def main() -> None:
    """Run, and turn what went wrong into a message and an exit code."""
    try:
        app()
    except StillwatchError as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(problem.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away; nothing to say to it
    except Exception as defect:
        if os.environ.get("STILLWATCH_TRACEBACK"):
            raise
        sys.stderr.write(
            f"error: BUG: {type(defect).__name__}: {defect}\n"
            "  try      the same command with STILLWATCH_TRACEBACK=1, and report what it prints\n"
        )
        sys.exit(DEFECT)
