"""`stillwatch bench`: how well campaigns are found, on made worlds with labels; what safeguards cost, in a laboratory."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from typer.core import TyperCommand

from stillwatch.cli.scan import JSON, QUIET

PIPED_WIDTH = 120  # columns of a table that no terminal wraps: numbers cut off say nothing

app = typer.Typer(help="Measure detectors on made worlds, and safeguards in a laboratory.", no_args_is_help=True)

WORLDS = ["calm", "disclosure", *(f"disclosure@{rung}" for rung in range(1, 5)), "quiet", "relay"]
FIT_WORLDS = ["calm", "disclosure"]


class Several(TyperCommand):
    """Lets an option take several words at once: `--seeds 11 12` stands for `--seeds 11 --seeds 12`.

    For commands without arguments of their own, where a word can belong to nothing but the option before it.
    """

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        several = {name for one in self.params if getattr(one, "multiple", False) for name in one.opts}
        spread: list[str] = []
        option = ""
        for word, following in zip(args, [*args[1:], "-"], strict=True):
            if word.startswith("-"):
                option = word if word in several else ""
                spread += [word] if not option or following.startswith("-") else []  # without a word: an error, as ever
            else:
                spread += [option, word] if option else [word]
        return super().parse_args(ctx, spread)


@app.command(cls=Several)
def detection(
    out: Path = typer.Option(..., "--out", "-o", help="Folder for detection.json, detection.html and the cells."),
    worlds: list[str] = typer.Option(
        WORLDS, help="Worlds to report, short or full names; @N for a rung of the evasion ladder."
    ),
    seeds: list[int] = typer.Option([11, 12, 13], help="Seeds to report."),
    fit_worlds: list[str] = typer.Option(FIT_WORLDS, help="Worlds that thresholds are fitted on."),
    fit_seeds: list[int] = typer.Option([1], help="Seeds that thresholds are fitted on; none of those reported."),
    scale: float = typer.Option(0.01, min=0.0001, max=1.0, help="Share of the full worlds."),
    detectors: Path = typer.Option(
        None, help="YAML file of detectors (docs/benchmark.md); bench/detectors.yaml if there is one, else stillwatch."
    ),
    only: list[str] = typer.Option([], help="Only these detectors of the file."),
    prompts: Path = typer.Option(None, help="Folder of real prompts to use instead of the grammar's."),
    traces: Path = typer.Option(None, help="Folder of real traces to draw lengths and gaps from."),
    replay_every: float = typer.Option(
        None, min=0.5, help="Also run as of every so many days, to see what was harvested before detection."
    ),
    limit: float = typer.Option(900.0, min=0.1, help="Seconds that a detector may take for a case."),
    work: Path = typer.Option(None, help="Where worlds are made and thrown away; OUT/work by default."),
    json: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Measure detectors on made worlds. Goes on where it was interrupted.

    Examples: stillwatch bench detection --out OUT; stillwatch bench detection --out OUT --worlds calm quiet --seeds 11
    """

    import orjson
    from rich.console import Console

    from stillwatch.benchmark import Settings, benchmark, read_detectors
    from stillwatch.benchmark.cases import places
    from stillwatch.benchmark.terminal import detection_lines, detection_table
    from stillwatch.cli.watcher import TerminalWatcher

    settings = Settings(
        out=out,
        detectors=read_detectors(detectors, only),
        places=places(worlds),
        seeds=seeds,
        fit_places=places(fit_worlds),
        fit_seeds=fit_seeds,
        scale=scale,
        prompts=prompts,
        traces=traces,
        replay_every=replay_every,
        limit=limit,
        work=work,
        command=["stillwatch", *sys.argv[1:]],
    )
    with TerminalWatcher(quiet) as watcher:
        made = benchmark(settings, watcher)
    if json:
        sys.stdout.write(orjson.dumps(made).decode() + "\n")
        return
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    console.print(detection_table(made))
    for line in detection_lines(made):
        console.print(line)
    console.print(f"page: {out / 'detection.html'}", soft_wrap=True)


@app.command()
def compare(
    old: Path = typer.Argument(help="detection.json of the run before."),
    new: Path = typer.Argument(help="detection.json of the run after."),
    fail_on_worse: bool = typer.Option(False, help="Exit with 1 when a measure got worse beyond its interval."),
    json: bool = JSON,
) -> None:
    """What changed between two runs, and whether by more than chance explains."""

    import orjson
    from rich.console import Console

    from stillwatch.benchmark.compare import compare as compared
    from stillwatch.benchmark.compare import read_document
    from stillwatch.benchmark.terminal import compare_lines, compare_table
    from stillwatch.errors import FAIL_ON_REACHED

    changes = compared(read_document(old), read_document(new))
    if json:
        sys.stdout.write(orjson.dumps(changes).decode() + "\n")
    else:
        console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
        if any(row["change"] for row in changes["rows"]):
            console.print(compare_table(changes))
        for line in compare_lines(changes):
            console.print(line)
    if fail_on_worse and changes["worse"]:
        raise typer.Exit(FAIL_ON_REACHED)


@app.command()
def distill(
    out: Path = typer.Option(..., "--out", "-o", help="Folder for distill.json, distill.md and three pictures."),
    size: str = typer.Option(
        "small", help="tiny (seconds, says nothing), small (minutes) or medium (hours; take a GPU)."
    ),
    seed: int = typer.Option(7, min=0, help="Of everything that is drawn; the same numbers again on one machine."),
    device: str = typer.Option("auto", help="cpu, cuda, or auto: a GPU when there is one."),
    workers: int = typer.Option(2, min=1, help="Students that learn at once, each on one core; one on a GPU."),
    json: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Train students on a teacher's answers: what each safeguard costs them and honest users, and what a mark proves.

    Example: stillwatch bench distill --out OUT
    """

    import orjson
    from rich.console import Console

    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.errors import EngineMissing
    from stillwatch.guard.reasoning.summary import extracted

    try:
        from stillwatch.laboratory import experiment, page, pictures
    except ModuleNotFoundError as missing:
        raise EngineMissing(
            f"the package {missing.name} is not installed", "stillwatch bench distill", "the extra `laboratory`",
            "pip install 'stillwatch[laboratory]'",
        ) from None  # fmt: skip
    command = ("stillwatch", *sys.argv[1:])
    settings = experiment.settings(size, seed, device, extracted, workers, command)
    out.mkdir(parents=True, exist_ok=True)
    with TerminalWatcher(quiet) as watcher:
        made = experiment.distilled(settings, watcher)
    (out / "distill.json").write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2) + b"\n")
    (out / "distill.md").write_text(page.page(made), encoding="utf-8")
    pictures.drawn(made, out)
    if json:
        sys.stdout.write(orjson.dumps(made).decode() + "\n")
        return
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    console.print(page.table(made))
    console.print(f"page: {out / 'distill.md'}", soft_wrap=True)
