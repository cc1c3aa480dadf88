"""Receiving OTLP over HTTP: each accepted request becomes lines of a file in the log folder, which the watch then follows.

    request → unpacked → lines → on disk → answer

The answer comes after the disk, so nothing that was accepted is lost; what is sent twice is dropped by its id when absorbed.
"""

from stillwatch.run.receiving.receiver import Receiver

__all__ = ["Receiver"]
