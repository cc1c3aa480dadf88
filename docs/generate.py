"""Writes the pages of docs/ that the code already says: tables, settings, flow, exit codes, command line, links,
facts of the guard, log formats, worlds, signs at sign-up.

    python -m docs.generate [FOLDER]        into docs/ when no folder is given

tests/test_docs.py makes every page again and compares, so none of them can fall behind the code.
"""

from __future__ import annotations

import ast
import io
import os
import sys
import tokenize
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from docs import log_formats_page, worlds_page
from stillwatch import config, errors, flow, links, tables
from stillwatch.guard.facts import FACTS
from stillwatch.verification import signs
from stillwatch.verification.likelihood import fitted

ROOT = Path(__file__).parents[1]
Rows = Sequence[tuple[object, ...]]
HELP_COLUMNS = 100  # width of the terminal that help texts are wrapped for


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _grid(head: tuple[str, ...], rows: Rows) -> str:
    return "\n".join([_row(*head), "|" + "---|" * len(head), *(_row(*row) for row in rows)])


def _page(title: str, source: str, *parts: str) -> str:
    return (
        "\n\n".join([f"# {title}", f"<!-- made by `make docs` from {source}; edit that, not this -->", *parts]) + "\n"
    )


def tables_page() -> str:
    def section(table: tables.Table) -> str:
        rows = [(f"`{c.name}`", f"`{c.type}`", "yes" if c.required else "", _meaning(c)) for c in table.columns]
        return f"## {table.name}\n\n{table.meaning}\n\n" + _grid(("column", "type", "required", "meaning"), rows)

    return _page("Tables", "stillwatch/tables/", *map(section, tables.ALL))


def _meaning(column: tables.Column) -> str:
    return column.meaning + ("; replaced by a keyed pseudonym when read" if column.direct_identifier else "")


def settings_page() -> str:
    parts = [
        "A TOML file given with `--config` overrides any of these; an unknown name is an error that lists the known ones.",
        "```toml\n[campaigns]\nmin_accounts = 8\n```",
    ]
    for file in ("detection", "running", "verification", "sharing", "__init__"):
        parts += _sections((ROOT / "stillwatch" / "config" / f"{file}.py").read_text(encoding="utf-8"))
    return _page("Settings", "stillwatch/config/", *parts)


def _sections(source: str) -> Iterator[str]:
    reasons = _comments(source)
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        rows = [
            (f"`{one.target.id}`", f"`{ast.unparse(one.value)}`", reasons.get(one.end_lineno or 0, ""))
            for one in node.body
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.value is not None
            if "default_factory" not in ast.unparse(one.value)
        ]
        name = next((f.name for f in fields(config.Config) if str(f.type) == node.name), "")
        title = f"[{name}]" if name else "at the top of the file"
        about = ast.get_docstring(node) or ""
        yield (f"## {title}\n\n{about}\n\n" + _grid(("setting", "default", "unit and reason"), rows))


def _comments(source: str) -> dict[int, str]:
    """The comment on each line that has one."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {one.start[0]: one.string.lstrip("# ") for one in tokens if one.type == tokenize.COMMENT}


def flow_page() -> str:
    stages = [*flow.TEMPLATES, *flow.FLOW]
    names = [one.makes.name for one in stages]
    rows: Rows = [
        ("[`signals`](tables.md#signals)", "map", "`log_exchanges`", tables.SIGNALS.meaning),
        *(_stage_row(one) for one in flow.TEMPLATES),
        ("[`uses`](tables.md#uses)", "map", "`signals` `templates`", tables.USES.meaning),
        *(_stage_row(one) for one in flow.FLOW),
    ]
    arrows = [("log_exchanges", "signals"), ("signals", "uses"), ("templates", "uses"), ("log_accounts", "registered")]
    arrows += [(read, one.makes.name) for one in stages for read in one.reads]
    diagram = "\n".join(f"    {a} --> {b}" for a, b in dict.fromkeys(arrows))
    return _page(
        "The flow",
        "stillwatch/flow.py",
        "A stage is a function from tables to one table. These are all of them, in order. A `map` stage turns one batch of\n"
        "rows into another, a `relational` stage is a query, a `graph` stage works on small tables in memory.",
        _grid(("makes", "kind", "reads", "what it holds"), rows),
        f"{len(names) + 2} tables; each name links to its columns in [tables.md](tables.md).",
        f"```mermaid\nflowchart LR\n{diagram}\n```",
    )


def _stage_row(stage: flow.Stage) -> tuple[object, ...]:
    reads = " ".join(f"`{name}`" for name in stage.reads)
    return f"[`{stage.makes.name}`](tables.md#{stage.makes.name})", stage.kind, reads, stage.makes.meaning


def exit_codes_page() -> str:
    rows: Rows = [(f"`{code}`", meaning) for code, meaning in errors.EXIT_CODES]
    return _page(
        "Exit codes",
        "stillwatch/errors.py",
        _grid(("code", "meaning"), rows),
        "stdout is the answer, stderr everything else. A message says what, where, what is allowed and what to do next.",
    )


def facts_page() -> str:
    kinds = {"text": "text", "number": "double", "whole": "int", "flag": "bool", "texts": "list of texts"}
    rows = [(f"`{one.name}`", kinds[one.kind], repr(one.unknown), one.meaning) for one in FACTS]
    return _page(
        "Facts that rules may ask for",
        "stillwatch/guard/facts.py",
        _grid(("fact", "type", "when nobody knows", "meaning"), rows),
        "Every comparison with `nan` is false. What is unknown is never read against a customer.",
    )


def cli_page() -> str:
    # Typer reads these when it is first imported, hence here and not above.
    os.environ.update(COLUMNS=str(HELP_COLUMNS), TERMINAL_WIDTH=str(HELP_COLUMNS), NO_COLOR="1", TERM="dumb")
    for forced in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS"):
        os.environ.pop(forced, None)
    from typer.main import get_command
    from typer.testing import CliRunner

    from stillwatch.cli import app

    def helped(words: list[str]) -> str:
        shown = CliRunner().invoke(app, [*words, "--help"], prog_name="stillwatch").stdout
        return "\n".join(line.rstrip() for line in shown.strip().splitlines())

    parts = []
    for words in _commands(get_command(app), []):
        parts.append(f"## {' '.join(['stillwatch', *words])}\n\n```text\n{helped(words)}\n```")
    return _page("The command line", "the commands themselves (`--help`)", *parts)


def _commands(command: object, words: list[str]) -> list[list[str]]:
    below = getattr(command, "commands", {})
    return [words, *(each for name, one in below.items() for each in _commands(one, [*words, name]))]


def links_page() -> str:
    parts = [
        "What may tie two accounts. Sharing a value weighs log2( m / (u + d/N) ) bits, when d of N accounts hold it: `m` is\n"
        "the chance that two accounts of one operator share such a value, `u` that two unrelated customers do. Beyond the\n"
        "crowd limit a value says nothing. Kinds of one family count as one witness (`[links]` in [settings.md](settings.md)).",
        *(_tie(tie) for tie in links.ALL),
    ]
    return _page("Links", "stillwatch/links/", *parts)


def _tie(tie: links.Tie) -> str:
    path = Path(sys.modules[tie.values.__module__].__file__ or "")
    source = path.read_text(encoding="utf-8")
    about = (ast.get_docstring(ast.parse(source)) or "").replace(".\nInnocent when:", ".\n\nInnocent when:")
    lines, reasons = source.splitlines(), _comments(source)
    why = {
        name: next((reasons.get(n, "") for n, line in enumerate(lines, 1) if line.strip().startswith(f"{name}=")), "")
        for name in ("same_operator", "unrelated", "crowd")
    }
    rows: Rows = [
        ("family", tie.family, ""),
        ("m, same operator", tie.same_operator, why["same_operator"]),
        ("u, unrelated", tie.unrelated, why["unrelated"]),
        ("crowd limit, accounts", tie.crowd, why["crowd"]),
        ("reads", ", ".join(tie.reads), ""),
    ]
    return f"## {tie.kind}\n\n{about}\n\n" + _grid(("", "value", "reason"), rows)


def verification_signs_page() -> str:
    families = list(dict.fromkeys(sign.family for sign in signs.ALL))
    return _page(
        "Signs at sign-up",
        "stillwatch/verification/signs/",
        "What one sign-up shows by itself. `m` is the share of operators' sign-ups that show a sign and `u` that of\n"
        "customers', both stated from what providers, list makers and vendors have published and from knowledge of the\n"
        "field. What a sign counts for, in bits, where it shows and where it was looked for and does not, was fitted on made\n"
        "sign-ups and is drawn to half of what the two say\n"
        "([decision 24](decisions/0024-signups.md)); of a sign that no made sign-up shows it is that half. What was not\n"
        "told counts for nothing.",
        *(_signs_of(family) for family in families),
        f"## What is no sign\n\n{(signs.__doc__ or '').partition('What is left out, and why. ')[2].strip()}",
    )


def _signs_of(family: str) -> str:
    source = (ROOT / "stillwatch" / "verification" / "signs" / f"{family}.py").read_text(encoding="utf-8")
    about = (ast.get_docstring(ast.parse(source)) or "").partition("\n\n")
    reasons, lines = _comments(source), source.splitlines()

    def why(code: str, name: str) -> str:
        start = lines.index(f'        "{code}",')
        return next(reasons.get(n + 1, "") for n in range(start, len(lines)) if lines[n].strip().startswith(f"{name}="))

    rows: Rows = [
        (
            f"`{one.code}`",
            f"{one.operators:g}: {why(one.code, 'operators')}",
            f"{one.customers:g}: {why(one.code, 'customers')}",
            *(f"{bits:+.1f}" for bits in fitted().signs[one.code]),
            one.phrase,
            one.innocent,
        )
        for one in signs.ALL
        if one.family == family
    ]
    head = ("code", "m, of operators", "u, of customers", "bits", "bits without", "what is said", "innocent")
    return f"## {family}\n\n{about[0]}\n\n{about[2]}\n\n" + _grid(head, rows)


PAGES: dict[str, Callable[[], str]] = {
    "tables.md": tables_page,
    "settings.md": settings_page,
    "flow.md": flow_page,
    "exit-codes.md": exit_codes_page,
    "guard-facts.md": facts_page,
    "cli.md": cli_page,
    "links.md": links_page,
    "verification-signs.md": verification_signs_page,
    "log-formats.md": lambda: _page("Log formats", "stillwatch/readers/shapes/", *log_formats_page.sections()),
    "worlds.md": lambda: _page(
        "Worlds", "stillwatch/data/worlds/ and stillwatch/worlds/groups/", *worlds_page.sections()
    ),
}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
