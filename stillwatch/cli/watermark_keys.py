"""`stillwatch watermark commit` and `detect`: a committed key for an engine with one for all, and whose key a text bears."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from stillwatch.safeguards.watermark.findings import Finding
    from stillwatch.safeguards.watermark.keys import MarkKey
    from stillwatch.safeguards.watermark.rows import Aside

SECRET = typer.Option(
    None, help="Secret that the keys were made from; without it keys that were shown are tried alone."
)
NOT_PROVED = (
    "What this does not prove: who wrote a text, for whom, or that it was not edited; that a model learned from it; or that "
    "nobody forged it, as whoever has the key or its secret can. p is of texts that were made without the key."
)


def commit(
    registry: Path = typer.Argument(..., help="File of commitments; it is made if it is not there."),
    secret: Path = typer.Option(..., help="Secret that the key is made from."),
    scope: str = typer.Option("all", help="`all`, or a name of your own for what the engine serves."),
    on: datetime = typer.Option(None, "--on", formats=["%Y-%m-%d"], help="A day of the epoch, UTC; by default today."),
    engine: str = typer.Option("vllm", help="Engine that has one key for everything: vllm."),
    window: int = typer.Option(4, min=1, help="Tokens of context that the engine hashes."),
    dual: bool = typer.Option(False, "--dual", help="With two keys, as speculative decoding needs it."),
    config: Path = typer.Option(None, "--config", "-c", help="Settings, TOML: [watermark] epoch_days."),
) -> None:
    """Commit to the key of an epoch, then print what an engine with one key for everything is started with.

    The key stands in it in clear. Put it into the file that `vllm serve --config` reads, for its owner alone: a command line
    is seen by everybody on the machine. Start the engine again with the next key when the epoch ends.

    Example: stillwatch watermark commit marks.jsonl --secret watermark.secret --engine vllm
    """
    import time
    from datetime import UTC, timedelta

    import orjson

    from stillwatch import keyfiles
    from stillwatch.config import load
    from stillwatch.errors import BadConfiguration
    from stillwatch.safeguards.watermark import registry as registries
    from stillwatch.safeguards.watermark.keys import Secret, epoch

    if engine != "vllm":
        raise BadConfiguration(
            f"engine {engine!r}", "--engine", "vllm", "SGLang takes keys with requests: stillwatch guard sends them"
        )
    days, now = load(config).watermark.epoch_days, time.time()
    if days < 1:
        raise BadConfiguration(f"epoch_days {days}", "[watermark]", "1 or more")
    at = now if on is None else on.replace(tzinfo=UTC).timestamp()
    when = epoch(at, timedelta(days=days) // timedelta(seconds=1))
    if when.ends <= now:
        raise BadConfiguration(
            "the epoch is over", f"{on:%Y-%m-%d}", "today or later", "a key is committed to before it is used"
        )
    made = Secret(keyfiles.read(secret)).key(scope, when)
    why = {"command": "stillwatch watermark commit", "engine": engine, "window": window, "dual": dual}
    new = registries.commit(registry, [(made, why)], now)
    typer.echo(f"{'committed' if new else 'was committed to before'}: {scope}, until {day(when.ends)} UTC", err=True)
    algorithm = "dual_key_gumbel" if dual else "gumbel"
    typer.echo(orjson.dumps({"algorithm": algorithm, "key": int(made.key, 16), "context_width": window}).decode())


def detect(
    texts: Path = typer.Argument(..., help="JSON lines: {id?, tokens | text, prompt_tokens | prompt?, entropies?}."),
    registry: Path = typer.Option(None, help="Registry of commitments: all its keys are tried."),
    secret: Path = SECRET,
    key: list[str] = typer.Option(
        [], metavar="HEX", help="A key to be tried as well, 16 hexadecimal digits; repeatable."
    ),
    scheme: str = typer.Option("sglang", help="sglang, sglang-dual, vllm or vllm-dual."),
    window: int = typer.Option(4, min=1, help="Tokens of context that the engine hashes."),
    second: str = typer.Option("", metavar="HEX", help="The server's key_b, of sglang-dual."),
    share: float = typer.Option(
        None, help="Share of tokens drawn with the first of two keys; SGLang's mixing_probability, 1 - vLLM's alpha."
    ),
    tokenizer: Path = typer.Option(None, help="tokenizer.json of the model, for rows with text instead of tokens."),
    together: bool = typer.Option(False, "--together", help="All texts as one, as if from one hand."),
    level: float = typer.Option(0.001, min=0.0, max=1.0, help="Corrected p up to which a mark counts as found."),
    json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Look in texts for the mark of any committed key.

    Corrected for all keys and texts that were tried. Measure first how texts of your own without a mark look to it.

    Example: stillwatch watermark detect texts.jsonl --registry marks.jsonl --secret watermark.secret --scheme vllm
    """
    import math
    import sys
    from functools import partial

    import orjson

    from stillwatch.errors import SOME_ROWS_SET_ASIDE, NothingToRead
    from stillwatch.safeguards.watermark import gumbel, rows
    from stillwatch.safeguards.watermark.findings import findings

    keys = _keys(registry, secret, key)
    how = partial(gumbel.drawn, scheme=scheme, window=window, second=second, share=share)
    how([])  # what cannot be is told before a long file is read
    aside = rows.Aside()
    tokenize = None if tokenizer is None else _tokenizer(tokenizer)
    read = rows.texts(texts, tokenize, aside)
    hexadecimal = [one.key for one in keys]
    found = (_as_one if together else findings)(read, hexadecimal, how)
    if not found:
        raise NothingToRead(
            "no text could be read", str(texts), "rows with tokens, or text and --tokenizer", _why(aside)
        )
    told = [_row(one, keys[one.place], one.log_p <= math.log(max(level, 1e-300))) for one in found]
    if json:
        document = {
            "schema_version": 1, "scheme": scheme, "window": window, "level": level, "keys": len(keys),
            "texts": told, "set_aside": dict(aside.why), "does_not_prove": NOT_PROVED,
        }  # fmt: skip
        sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        _show(told, len(keys), level)
    if aside.why:
        typer.echo(f"{aside.why.total():,} input rows were set aside: {_why(aside)}", err=True)
        raise typer.Exit(SOME_ROWS_SET_ASIDE)


def _keys(registry: Path | None, secret: Path | None, given: Sequence[str]) -> list[MarkKey]:
    from stillwatch import keyfiles
    from stillwatch.errors import BadConfiguration
    from stillwatch.safeguards.canaries.choice import SCOPE
    from stillwatch.safeguards.watermark import registry as registries
    from stillwatch.safeguards.watermark.candidates import candidates
    from stillwatch.safeguards.watermark.keys import Epoch, MarkKey, Secret

    found = []
    if registry is not None:
        lines = [one for one in registries.read(registry) if not one.scope.startswith(SCOPE)]  # canaries mark nothing
        found = candidates(lines, None if secret is None else Secret(keyfiles.read(secret)))
        if left := len({one.commitment for one in lines}) - len(found):
            typer.echo(f"{left} committed keys were not shown, and are not tried without --secret", err=True)
    for one in given:
        if len(one) != 16 or not set(one.lower()) <= set("0123456789abcdef"):
            raise BadConfiguration("this is no key", "--key", "16 hexadecimal digits; vLLM's number written so")
        found.append(MarkKey("given", Epoch(0, 0), one, ""))
    if not found:
        raise BadConfiguration(
            "there is no key to try", str(registry or "--registry, --key"), "a registry with commitments and its secret",
            "stillwatch watermark show REGISTRY",
        )  # fmt: skip
    return found


def _tokenizer(path: Path) -> Any:
    from stillwatch.safeguards.watermark.tokens import Tokenizer

    made = Tokenizer(path)
    return lambda text: made.tokens([text])[0].tolist()


def _as_one(read: Any, keys: list[str], how: Any) -> list[Finding]:
    from stillwatch.safeguards.watermark.findings import Finding
    from stillwatch.safeguards.watermark.gumbel import attribute

    count = 0

    def counted() -> Any:
        nonlocal count
        for _, text in read:
            count += 1
            yield text

    best = attribute(keys, how(counted()), best=1)[0]
    return [Finding(f"{count:,} texts together", best.place, best.score, best.log_p)] if count else []


def _row(found: Finding, key: MarkKey, marked: bool) -> dict[str, Any]:
    import math

    fixed = key.epoch.ends > 0
    return {
        "id": found.id, "found": marked, "scope": key.scope,
        "from": day(key.epoch.begins) if fixed else None, "until": day(key.epoch.ends) if fixed else None,
        "tokens": found.score.tokens, "score": found.score.score, "z": found.score.z,
        "log10_p": found.score.log_p / math.log(10), "log10_p_corrected": found.log_p / math.log(10),
    }  # fmt: skip


def _show(rows: list[dict[str, Any]], keys: int, level: float) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for heading in ("Text", "Mark", "Likeliest key", "Tokens", "log10 p", "corrected"):
        table.add_column(heading, justify="right" if heading in ("Tokens", "log10 p", "corrected") else "left")
    for row in rows:
        named = row["scope"] if row["from"] is None else f"{row['scope']}, {row['from']} to {row['until']}"
        numbers = f"{row['tokens']:,}", f"{row['log10_p']:.1f}", f"{row['log10_p_corrected']:.1f}"
        table.add_row(*map(Text, (row["id"], "found" if row["found"] else "no mark found", named, *numbers)))
    console = Console()
    console.print(table)
    marked = sum(row["found"] for row in rows)
    console.print(
        f"\n{marked or 'no'} mark{'' if marked == 1 else 's'} found at {level:g}, corrected for {keys:,} keys and "
        f"{len(rows):,} text{'' if len(rows) == 1 else 's'}. {NOT_PROVED}"
    )


def _why(aside: Aside) -> str:
    return "; ".join(f"{why} ({count:,}, first in line {aside.first[why]:,})" for why, count in aside.why.most_common())


def day(seconds: int) -> str:
    """The day, UTC, of so many seconds since 1970."""
    from datetime import UTC

    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
