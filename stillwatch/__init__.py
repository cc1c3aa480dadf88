"""stillwatch finds, proves and stops large-scale illicit distillation of an LLM API. Importing it loads no engine."""

from __future__ import annotations

from stillwatch.config import Config, load
from stillwatch.errors import StillwatchError
from stillwatch.evidence import Campaign, Finding, Reason, Report

__version__ = "0.1.0"

__all__ = ["Campaign", "Config", "Finding", "Reason", "Report", "StillwatchError", "load"]
