"""`stillwatch worlds`: labelled traffic in the log format, to measure detectors with. Writes rows, sends nothing."""

from __future__ import annotations

from pathlib import Path

import typer

app = typer.Typer(help="Made traffic with labels: honest groups, look-alikes, campaigns.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """The worlds there are."""
    from stillwatch.worlds.world import load, names

    for name in names():
        typer.echo(f"{name:<24} {load(name).about}")


@app.command()
def make(
    out: Path = typer.Argument(help="Folder to write log/ and labels/ into."),
    world: str = typer.Option("disclosure-2026-02", "--world", "-w", help="Which world (stillwatch worlds list)."),
    scale: float = typer.Option(0.001, min=0.0001, max=1.0, help="Share of the full world."),
    seed: int = typer.Option(1, help="Another seed is another set of people."),
    prompts: Path | None = typer.Option(None, help="Folder of real prompts to use instead of the grammar's."),
    traces: Path | None = typer.Option(None, help="Folder of real traces to draw lengths and gaps from."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
) -> None:
    """Write a world."""
    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.worlds.make import make as make_world
    from stillwatch.worlds.world import load

    with TerminalWatcher(quiet) as watcher:
        watcher.begins("write the world", load(world).days)
        summary = make_world(
            out, load(world), scale=scale, seed=seed, prompts=prompts, traces=traces,
            progress=lambda done, total: watcher.advances(done),
        )  # fmt: skip
    typer.echo(
        f"{summary.exchanges:,} exchanges of {sum(summary.accounts.values()):,} accounts in {out / 'log'}; "
        f"labels in {out / 'labels'}"
    )
