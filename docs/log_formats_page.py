"""The sections of docs/log-formats.md: how logs are told apart, what each format gives, and the account of every shape."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator

from stillwatch.readers import batch
from stillwatch.readers.shape import Shape
from stillwatch.readers.shapes import ALL
from stillwatch.tables import LOG_EXCHANGES

_TOLD_APART = """
A log folder may hold logs as your gateway, tracer or server writes them. Put the files into `LOG/exchanges/` under names that
end with `.jsonl`, `.json` or `.log` (plain, `.gz` or `.zst`), or `.parquet` for an exported table, and scan:

    stillwatch scan LOG --out OUT

What a file is, is told from its first 1,000 records; a folder may mix formats. A file whose rows have the columns
of [tables.md](tables.md) is read as it is. `--log-format NAME` says it for all files, where the content does not; `native`
means the columns of tables.md.

- Each record becomes one exchange, several or none. Answers are never kept.
- A record that is no exchange (an embedding, a health check, a span of other work) is passed over and counted:
  `totals.passed_over` in `campaigns.json`, and a line on the terminal. It is no error, and the exit code stays 0.
- A record that is one but cannot be used is a line in `OUT/rejected.jsonl`, with file, line, column and reason; exit code 13.
- Columns that a format lacks weaken the evidence, and the report says which. They are never read as innocence.
- Identifiers are replaced by keyed pseudonyms after reading, as those of any other log (tables.md says which).
- Whatever the caller can choose, such as OpenAI's `user` or a batch's metadata, is an end user at most, never an account:
  else a caller could be as many accounts as it likes.
- Two logs of the same requests are counted twice unless their ids agree; of equal ids the first file's row counts.
"""
_MAPPED = """
## Any other log

`--map COLUMN=PATH` takes a column of [tables.md](tables.md) from anywhere in a record, and may be given several times:

    stillwatch scan LOG --out OUT --map exchange_id=id --map account_id=auth.customer --map timestamp=created@ms \\
        --map 'prompt=messages[-1].content' --map channel==api

| written | means |
|---|---|
| `account_id=auth.customer` | the key `customer` in the object `auth`; also inside JSON that stands in a text |
| `prompt=messages[-1].content` | a place in a list, from 0, or from -1 at its end |
| `account_id=attributes["user.id"]` | a key with a dot in it; quote the whole for the shell |
| `timestamp=created@ms` | a number of `s`, `ms`, `us` or `ns` since 1970; text (RFC 3339, no zone means UTC) needs no unit |
| `channel==api` | the same text for every row |
| `messages=body.messages` | a conversation: system prompt, prompt and turn are taken from it |

`--map FILE` reads a TOML file with a line `account_id = "auth.customer"` for each; `reading.map` in the settings is a list
of the same. A mapping has the last word over its columns and leaves the others as they are, so it also fills what a format
below lacks. Of OpenTelemetry, paths begin at a span: `attributes["NAME"]`, `resource["NAME"]`. A path that
leads to nothing in the first 1,000 records ends the scan if exchanges need the column, and is a reject if not.
"""
_MATRIX = "## What each format gives\n\nA column is missing from those that are not listed beside it."


def sections() -> list[str]:
    files = f"## Files of a batch (readers/batch.py)\n\n{inspect.getdoc(batch)}"
    return [_TOLD_APART.strip(), _MAPPED.strip(), _MATRIX, *_matrix(), *map(_section, ALL), files]


def gives(shape: Shape) -> list[str]:
    """The contract's columns that the account of a shape names before it says what is missing."""
    told = _account(shape).partition("\nMissing:")[0]
    return [name for name in LOG_EXCHANGES.names if re.search(rf"\b{name}\b", told)]


def _matrix() -> Iterator[str]:
    rows = [f"| `{name}` | {_listed(name)} |" for name in LOG_EXCHANGES.names if name not in ("messages", "response")]
    yield "\n".join(["| column | given by |", "|---|---|", *rows])


def _listed(column: str) -> str:
    found = [one.name for one in ALL if column in gives(one)]
    return "all" if len(found) == len(ALL) else ", ".join(found) or "none; `--map` where it is logged"


def _section(shape: Shape) -> str:
    return f"## {shape.title}\n\n`--log-format {shape.name}`. {_account(shape)}"


def _account(shape: Shape) -> str:
    module = importlib.import_module(f"stillwatch.readers.shapes.{shape.name.replace('-', '_')}")
    return inspect.getdoc(module) or ""
