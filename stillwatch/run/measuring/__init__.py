"""Whether a watch goes on, and what it measures of itself: /healthz, /readyz and /metrics for Prometheus."""

from stillwatch.run.measuring.measured import Measured

__all__ = ["Measured"]
