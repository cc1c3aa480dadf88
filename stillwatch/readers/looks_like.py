"""What a file looks like from its first bytes, so that an error can name the step that helps."""

from __future__ import annotations

from pathlib import Path

_READ_BYTES = 512
_MAGIC = (
    (b"PAR1", "Parquet: name it .parquet"),
    (b"\x1f\x8b", "gzip: name it .jsonl.gz if it holds JSON lines"),
    (b"\x28\xb5\x2f\xfd", "zstd: name it .jsonl.zst if it holds JSON lines"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet: unpack it, or export JSON lines"),
    (b"SQLite format 3", "an SQLite database: export the table to Parquet"),
    (b"DUCK", "a DuckDB database: COPY the table TO 'x.parquet'"),
    (b"ARROW1", "an Arrow or Feather file: write it as Parquet"),
    (b"ORC", "ORC: write it as Parquet"),
    (b"Obj\x01", "Avro: write it as Parquet"),
    (b"BZh", "bzip2: compress with gzip or zstd instead"),
    (b"\xfd7zXZ", "xz: compress with gzip or zstd instead"),
    (b"\xff\xfe", "UTF-16 text: save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text: save it as UTF-8"),
    (b"[", "a JSON array: write one object per line, for example jq -c '.[]'"),
    (b"{", "JSON: one object per line and the name .jsonl are needed"),
    (b"<", "XML or HTML: export JSON lines or Parquet"),
)


def looks_like(path: Path) -> str:
    """A hint in words, or nothing when the bytes say nothing."""
    try:
        with path.open("rb") as file:
            head = file.read(_READ_BYTES)
    except OSError as problem:
        return f"not readable: {problem.strerror or problem}"
    if not head:
        return "an empty file"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, hint in _MAGIC:
        if head.startswith(magic) or start.startswith(magic):
            if magic == b"PAR1" and path.name.lower().endswith(".parquet"):
                return "Parquet that breaks off: copy it again"
            if magic == b"{" and path.name.lower().endswith(".jsonl"):
                return "JSON spread over several lines: write one object per line, for example jq -c ."
            return hint
    first = start.split(b"\n")[0]
    if first.count(b",") >= 2 or first.count(b"\t") >= 2:
        return "CSV: convert it, for example with duckdb -c \"COPY 'x.csv' TO 'x.parquet'\""
    return ""
