"""Logs that providers keep already: one file per log format, each a shape (readers/shape.py)."""

from __future__ import annotations

from stillwatch.readers.shape import Shape
from stillwatch.readers.shapes.helicone import HELICONE

ALL: tuple[Shape, ...] = (HELICONE,)

__all__ = ["ALL"]
