"""Logs, opened and read: one file per format. `open_log` is the door."""

from stillwatch.readers.formats import Reject
from stillwatch.readers.log import Chunk, Log, open_log

__all__ = ["Chunk", "Log", "Reject", "open_log"]
