"""The reference benchmark of detection: made worlds in, any program that keeps to the contract between, one page out.

    cases → worlds → programs → cells → pooled → detection.json, detection.html

A case is a world and a seed. A cell is what one detector did on one case, as sums that can be added up over seeds.
"""

from __future__ import annotations

from stillwatch.benchmark.detectors import Detector, read_detectors
from stillwatch.benchmark.run import Settings, benchmark

__all__ = ["Detector", "Settings", "benchmark", "read_detectors"]
