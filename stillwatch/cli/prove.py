"""`stillwatch prove`: whether a suspect model was trained on answers that were served, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stillwatch.cli.scan import JSON, QUIET

if TYPE_CHECKING:
    from stillwatch.prove.rows import SetAside

app = typer.Typer(
    help="Whether a model was trained on answers that you served (docs/prove.md): seal, plan, ask, judge.",
    no_args_is_help=True,
)

SERVED = typer.Argument(..., help="Served exchanges with their answers: a log folder, Parquet or JSON lines.")
MARKS = typer.Option(None, help="The guard's log of decisions, which says which answers were drawn with a key.")
SEALS = typer.Option(Path("seals.jsonl"), help="File of promises; each has the hash of the one before.")
SECRET = typer.Option(..., help="Secret that keys are made from (stillwatch watermark new-secret).")
REGISTRY = typer.Option(..., help="Registry of keys that were committed to (stillwatch guard --watermark-registry).")
TOKENIZER = typer.Option(None, help="tokenizer.json of the engine; without it only canaries are looked for.")
PLAN = typer.Argument(..., metavar="PLAN", help="What `stillwatch prove plan` wrote.")


@app.callback()
def options() -> None:
    """Whether a model was trained on answers that you served (docs/prove.md): seal, plan, ask, judge."""


@app.command()
def seal(served: Path = SERVED, secret: Path = SECRET, decisions: Path = MARKS, seals: Path = SEALS) -> None:
    """Promise that these answers were served, before anybody is suspected. Prints the hash to publish.

    Example: stillwatch prove seal LOG --secret watermark.secret --decisions decisions/ --seals seals.jsonl
    """
    import time

    from stillwatch import keyfiles
    from stillwatch.prove import seals as promised
    from stillwatch.prove import served as texts
    from stillwatch.prove.tree import Growing

    aside, key = _aside(), keyfiles.read(secret)
    tree, marked = Growing(), 0
    for one in texts.served(served, aside, texts.marks(decisions, aside) if decisions else None):
        tree.add(promised.leaf(key, one))
        marked += bool(one.commitment)
    line = promised.seal(seals, tree, marked, time.time())
    typer.echo(f"sealed: {tree.size:,} answers, {marked:,} of them drawn with a key; root {line.what}", err=True)
    typer.echo(line.hash)
    _end(aside)


@app.command()
def show(
    served: Path = SERVED,
    ids: list[str] = typer.Option(..., "--id", help="Exchange to show; several times for several."),
    secret: Path = SECRET,
    decisions: Path = MARKS,
) -> None:
    """Show single texts with what proves that they were sealed, and no others'. One JSON line each.

    Example: stillwatch prove show LOG --id x-17 --secret watermark.secret > shown.jsonl
    """
    from stillwatch import keyfiles
    from stillwatch.prove import seals as promised
    from stillwatch.prove import served as texts

    aside = _aside()
    of = texts.served(served, aside, texts.marks(decisions, aside) if decisions else None)
    for one in promised.show(keyfiles.read(secret), of, frozenset(ids)):
        typer.echo(promised.shown_line(one).decode())
    _end(aside)


@app.command()
def verify(
    shown: Path = typer.Argument(..., help="What `stillwatch prove show` printed."),
    seals: Path = SEALS,
    head: str = typer.Option("", metavar="HASH", help="Hash of a line, published earlier: the file must have it."),
) -> None:
    """Check that the promises are in order, and that each text that is shown was sealed.

    Example: stillwatch prove verify shown.jsonl --seals seals.jsonl --head HASH
    """
    from stillwatch.errors import BadConfiguration
    from stillwatch.prove import seals as promised
    from stillwatch.prove.rows import rows

    aside, lines = _aside(), promised.read(seals)
    if head and head not in (one.hash for one in lines):
        raise BadConfiguration(
            "no line has the hash that was published", str(seals), "a file that goes on from it", "an older copy"
        )
    roots, held = {one.what: one for one in lines if one.kind == "seal"}, 0
    for number, row in enumerate(rows(shown, aside), start=1):
        try:
            one = promised.shown(row)
            found = one.root in roots and one.size == roots[one.root].texts and one.holds()
        except (KeyError, TypeError, ValueError):
            found = False
        if not found:
            raise BadConfiguration(
                "this text was not sealed, or is not as it was", f"{shown}: text {number}",
                "what `stillwatch prove show` printed", f"a file of seals with its root; {seals} has {len(roots)}",
            )  # fmt: skip
        held += 1
    typer.echo(f"{held:,} texts were sealed as they are shown", err=True)
    _end(aside)


@app.command()
def plan(
    served: Path = typer.Argument(None, help="Sealed exchanges; without them only canaries are looked for."),
    out: Path = typer.Option(Path("plan.json"), "--out", "-o", help="Where to write the plan; never over another."),
    secret: Path = SECRET,
    registry: Path = REGISTRY,
    decisions: Path = MARKS,
    seals: Path = SEALS,
    tokenizer: Path = TOKENIZER,
    scheme: str = typer.Option("sglang", help="How the engine draws: sglang or vllm."),
    window: int = typer.Option(4, min=1, max=16, help="Tokens of context that the engine draws by."),
    scope: list[str] = typer.Option([], help="Only keys of these scopes: all, or a campaign's id."),
    prompts: int = typer.Option(2_000, min=0, help="Served prompts to ask; which, follows from the texts."),
    each: int = typer.Option(20, min=0, help="Questions for each made-up detail of a canary."),
    level: float = typer.Option(1e-3, min=1e-12, max=0.05, help="Chance of a wrong verdict, over all tests together."),
) -> None:
    """Write down what will be asked and tested, and promise it: nothing can be chosen once the suspect has answered.

    Example: stillwatch prove plan LOG --secret watermark.secret --registry marks.jsonl --tokenizer tokenizer.json
    """
    import time

    from stillwatch import keyfiles
    from stillwatch.errors import BadConfiguration
    from stillwatch.prove import seals as promised
    from stillwatch.prove.planned import Wanted, planned
    from stillwatch.safeguards.watermark import registry as registries

    if out.exists():
        raise BadConfiguration("there is a plan already", str(out), "a name that is free", "a plan is never replaced")
    aside, now = _aside(), time.time()
    made = planned(
        served, Wanted(scheme, window, tuple(scope), prompts, each, level), keyfiles.read(secret),
        registries.read(registry), decisions, tokenizer, now, aside,
    )  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(made.written())
    line = promised.promise(seals, made.written(), now)
    typer.echo(
        f"{out}: {len(made.questions):,} questions, {len(made.keys)} keys of watermarks, {len(made.canaries)} of canaries; "
        "publish this hash before you ask:",
        err=True,
    )
    typer.echo(line.hash)
    _end(aside)


@app.command()
def ask(
    plan: Path = PLAN,
    endpoint: str = typer.Option(..., help="The model's server, up to /v1; only this one is asked."),
    model: str = typer.Option(..., help="The model's name there."),
    out: Path = typer.Option(..., "--out", "-o", help="File of answers; what is in it is not asked again."),
    key_env: str = typer.Option("", metavar="NAME", help="Environment variable with the API key."),
    per_minute: float = typer.Option(60.0, min=0.1, help="Questions a minute at most."),
    at_once: int = typer.Option(4, min=1, max=64, help="Questions at once at most."),
    most_tokens: int = typer.Option(400, min=1, help="Tokens of an answer at most."),
    temperature: float = typer.Option(0.0, min=0.0, help="At 0 a model says what it is surest of."),
    yes: bool = typer.Option(False, "--yes", help="Ask. Without it nothing is sent."),
    quiet: bool = QUIET,
) -> None:
    """Ask a model the plan's questions, at an endpoint that you may use. Shows what it would do until you say --yes.

    Example: stillwatch prove ask plan.json --endpoint https://example.com/v1 --model suspect --out suspect.jsonl --yes
    """
    import os

    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.errors import BadConfiguration, ResponseFailed
    from stillwatch.prove import ask as asking
    from stillwatch.prove import plan as plans

    if key_env and key_env not in os.environ:
        raise BadConfiguration("there is no such variable", key_env, "an environment variable with the API key")
    questions = asking.left(plans.read(plan).questions, out)
    typer.echo(
        f"{len(questions):,} questions to {model} at {endpoint}, at most {per_minute:g} a minute: "
        f"{len(questions) / per_minute:.0f} minutes, {len(questions) * most_tokens:,} tokens of answers at most",
        err=True,
    )
    if not yes:
        typer.echo("nothing was sent; say --yes to ask", err=True)
        return
    at = asking.Endpoint(endpoint, model, os.environ.get(key_env, ""), most_tokens, temperature, per_minute, at_once)
    with TerminalWatcher(quiet) as watcher:
        watcher.begins("asking", len(questions))
        told = asking.ask(questions, at, out, watcher.advances)
    missing = sum(told.values()) - told["answered"] + len(questions) - sum(told.values())
    typer.echo(", ".join(f"{why}: {many:,}" for why, many in told.items()), err=True)
    if missing:
        raise ResponseFailed(
            f"{missing:,} questions have no answer", f"{model} at {endpoint}", "answers in OpenAI's form",
            "the same command again asks only what is missing",
        )  # fmt: skip


@app.command()
def judge(
    plan: Path = PLAN,
    suspect: Path = typer.Option(..., help="The suspect's answers, by `ask` or in a file of your own."),
    control: list[Path] = typer.Option([], help="Answers of a model that is certainly no student; several times."),
    served: Path = typer.Option(None, help="The sealed exchanges."),
    secret: Path = SECRET,
    registry: Path = REGISTRY,
    decisions: Path = MARKS,
    seals: Path = SEALS,
    tokenizer: Path = TOKENIZER,
    published: list[str] = typer.Option(
        [], metavar="HASH", help="Hash of a line that others have seen; several times."
    ),
    out: Path = typer.Option(None, "--out", "-o", help="Folder for proof.json and proof.html."),
    json: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Say whether the answers show that their model was trained on served ones, and how likely that is by chance.

    Exits with 1 when there is evidence, with 0 when there is none or it cannot be used.

    Example: stillwatch prove judge plan.json --suspect suspect.jsonl --control base.jsonl --served LOG --out PROOF …
    """
    import sys
    import time

    from rich.console import Console

    from stillwatch import keyfiles
    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.errors import FAIL_ON_REACHED
    from stillwatch.prove import document, terminal
    from stillwatch.prove import plan as plans
    from stillwatch.prove import seals as promised
    from stillwatch.prove.judged import Evidence, judged
    from stillwatch.prove.page import page
    from stillwatch.safeguards.chain import START, instant
    from stillwatch.safeguards.watermark import registry as registries

    aside, lines, sealed = _aside(), registries.read(registry), promised.read(seals)
    evidence = Evidence(
        plans.read(plan), keyfiles.read(secret), lines, sealed, tuple(published), served, decisions, tokenizer, suspect,
        tuple(control),
    )  # fmt: skip
    with TerminalWatcher(quiet) as watcher:
        found = judged(evidence, aside, watcher)
    heads = {"registry": lines[-1].hash if lines else START, "seals": sealed[-1].hash if sealed else START}
    told = document.document(found, instant(time.time()), heads)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "proof.json").write_bytes(document.written(told))
        (out / "proof.html").write_text(page(told), encoding="utf-8")
    if json:
        sys.stdout.write(document.written(told).decode())
    else:
        console = Console()
        for line in terminal.lines(told):
            console.print(line)
        console.print(terminal.tests(told))
        console.print(terminal.checks(told))
        if out:
            console.print(f"report: {out / 'proof.html'}", soft_wrap=True)
    _end(aside, FAIL_ON_REACHED if found.verdict in ("evidence", "strong evidence") else 0)


def _aside() -> SetAside:
    from collections import Counter

    return Counter()


def _end(aside: Any, code: int = 0) -> None:
    """Tell what was set aside, and exit with what the command has to say."""
    from stillwatch.errors import SOME_ROWS_SET_ASIDE

    for why, many in aside.most_common():
        typer.echo(f"set aside: {many:,} rows, {why}", err=True)
    if code or aside:
        raise typer.Exit(code or SOME_ROWS_SET_ASIDE)
