"""Logs that providers keep already: one file per log format, each a shape (readers/shape.py)."""

from __future__ import annotations

from stillwatch.readers.shape import Shape
from stillwatch.readers.shapes.anthropic_batch import ANTHROPIC_BATCH
from stillwatch.readers.shapes.envoy import ENVOY
from stillwatch.readers.shapes.helicone import HELICONE
from stillwatch.readers.shapes.langfuse import LANGFUSE
from stillwatch.readers.shapes.litellm import LITELLM
from stillwatch.readers.shapes.litellm_spend import LITELLM_SPEND
from stillwatch.readers.shapes.openai_batch import OPENAI_BATCH
from stillwatch.readers.shapes.opentelemetry import OPENTELEMETRY
from stillwatch.readers.shapes.vllm import VLLM

ALL: tuple[Shape, ...] = (
    OPENTELEMETRY,
    LITELLM,
    LITELLM_SPEND,
    LANGFUSE,
    HELICONE,
    OPENAI_BATCH,
    ANTHROPIC_BATCH,
    VLLM,
    ENVOY,
)

__all__ = ["ALL"]
