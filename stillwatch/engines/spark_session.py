"""A Spark session: the one that is there (spark-submit, a notebook), or one of our own."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from stillwatch.errors import EngineMissing

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SUBMITTED = "PYSPARK_GATEWAY_PORT"  # spark-submit says here how to reach it
_JAVA = "apt-get install openjdk-17-jre-headless, or run under the cluster's own spark-submit (docs/on-spark.md)"


def required() -> None:
    """Say what is missing before anything that needs it is imported."""
    try:
        import ibis.backends.pyspark  # noqa: F401
        import pyspark.sql  # noqa: F401
    except ImportError as missing:
        raise EngineMissing(
            f"Spark is not installed: {missing}", "--engine spark", "pyspark 4", "pip install 'stillwatch[spark]'"
        ) from None


def session() -> tuple[SparkSession, bool]:
    """The session, and whether it was started here and has to be stopped here."""
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        return active, False
    if _SUBMITTED not in os.environ:  # started from here, so the workers are this Python and not the first on the PATH
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        made = SparkSession.builder.appName("stillwatch").getOrCreate()
    except (PySparkRuntimeError, FileNotFoundError) as problem:
        told = str(problem).split("\n")[0]
        raise EngineMissing(f"Spark did not start: {told}", "--engine spark", "Java 17 or 21", _JAVA) from None
    made.sparkContext.setLogLevel("ERROR")
    return made, True
