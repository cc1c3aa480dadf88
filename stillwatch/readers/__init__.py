"""Logs, opened and read: one file per format. `open_log` is the door."""

from stillwatch.readers.checked import Clock, checked
from stillwatch.readers.formats import Raw, Reject
from stillwatch.readers.ids import SeenIds, hashes
from stillwatch.readers.log import READ, REPEATED, SIDE_TABLES, Chunk, Log, open_log, open_sides, side_rows, texts_of

__all__ = [
    "READ",
    "REPEATED",
    "SIDE_TABLES",
    "Chunk",
    "Clock",
    "Log",
    "Raw",
    "Reject",
    "SeenIds",
    "checked",
    "hashes",
    "open_log",
    "open_sides",
    "side_rows",
    "texts_of",
]
