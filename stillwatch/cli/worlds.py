"""`stillwatch worlds`: labelled traffic in the log format, to measure detectors with. Writes rows, sends nothing."""

from __future__ import annotations

from pathlib import Path

import typer

app = typer.Typer(help="Made traffic with labels: honest groups, look-alikes, campaigns.", no_args_is_help=True)

AS_JSON = typer.Option(False, "--json", help="The answer as JSON.")


@app.command("list")
def list_(as_json: bool = AS_JSON) -> None:
    """The worlds there are, who lives in them, and the rungs of the evasion ladder."""
    from stillwatch.worlds.world import ladder, load, names

    worlds = {name: load(name) for name in names()}
    if as_json:
        _print(
            {
                "schema_version": 1,
                "worlds": [
                    {
                        "name": name,
                        "about": world.about,
                        "ordinary": [group for group in world.groups if group not in world.campaigns],
                        "campaigns": list(world.campaigns),
                    }
                    for name, world in worlds.items()
                ],
                "ladder": [{"rung": rung, "evasion": one, "about": about} for rung, one, about in ladder()],
            }
        )
        return
    for name, world in worlds.items():
        typer.echo(f"{name}\n    {world.about}\n    campaigns: {', '.join(world.campaigns) or 'none'}")
    typer.echo("\nwhat campaigns do against being found; --rung N takes the first N of them")
    for rung, one, about in ladder():
        typer.echo(f"  {rung} {one:<12} {about}")


@app.command()
def make(
    out: Path = typer.Argument(help="Folder to write log/ and labels/ into."),
    world: str = typer.Option(
        "disclosure-2026-02", "--world", "-w", help="Which world (stillwatch worlds list), or a YAML file of your own."
    ),
    rung: int = typer.Option(0, help="Campaigns evade by so many rungs of the ladder."),
    evasion: list[str] = typer.Option([], help="Campaigns evade by this alone; may be given several times."),
    scale: float = typer.Option(0.001, min=0.0001, max=1.0, help="Share of the full world."),
    seed: int = typer.Option(1, help="Another seed is another set of people."),
    prompts: Path | None = typer.Option(None, help="Folder of real prompts to use instead of the grammar's."),
    traces: Path | None = typer.Option(None, help="Folder of real traces to draw lengths and gaps from."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
    as_json: bool = AS_JSON,
) -> None:
    """Write a world."""
    from dataclasses import asdict

    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.worlds.make import make as make_world
    from stillwatch.worlds.world import load

    chosen = load(world, rung, evasion)
    with TerminalWatcher(quiet) as watcher:
        watcher.begins("write the world", chosen.days)
        summary = make_world(
            out, chosen, scale=scale, seed=seed, prompts=prompts, traces=traces,
            progress=lambda done, total: watcher.advances(done),
        )  # fmt: skip
    if as_json:
        _print({"schema_version": 1, "log": str(out / "log"), "labels": str(out / "labels"), **asdict(summary)})
        return
    typer.echo(
        f"{summary.exchanges:,} exchanges of {sum(summary.accounts.values()):,} accounts in {out / 'log'}; "
        f"labels in {out / 'labels'}"
    )


@app.command()
def signups(
    out: Path = typer.Argument(help="Folder to write log/ and labels/ into."),
    scale: float = typer.Option(
        0.01, min=0.0001, max=1.0, help="Share of 240,000 honest and 24,000 fraudulent sign-ups."
    ),
    seed: int = typer.Option(1, help="Another seed is another set of people and operators."),
    rung: int = typer.Option(0, min=0, max=3, help="How operators evade: crude, residential, own identities, patient."),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="No progress."),
    as_json: bool = AS_JSON,
) -> None:
    """Write a world of sign-ups: accounts alone, to measure `stillwatch verify` with."""
    from dataclasses import asdict

    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.worlds.signups import make as make_signups

    with TerminalWatcher(quiet) as watcher:
        watcher.begins("write the sign-ups", None)
        summary = make_signups(
            out, scale=scale, seed=seed, rung=rung, progress=lambda done, total: watcher.advances(done)
        )
    if as_json:
        _print({"schema_version": 1, "log": str(out / "log"), "labels": str(out / "labels"), **asdict(summary)})
        return
    typer.echo(
        f"{summary.honest:,} honest and {summary.fraudulent:,} fraudulent sign-ups of {len(summary.operators)} operators "
        f"in {out / 'log'}; labels in {out / 'labels'}"
    )


def _print(answer: dict[str, object]) -> None:
    import json

    typer.echo(json.dumps(answer, indent=1, ensure_ascii=False))
