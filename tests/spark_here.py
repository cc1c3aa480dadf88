"""A Spark on this machine, once for all tests of a process; a reason to skip where there is none."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from stillwatch.config import Spark
from stillwatch.engines import Engine

# Tables of a dozen rows: plans are interpreted, because compiling them takes longer, and a shuffle has one part.
_SMALL = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
}

# Thousands of small plans: compiled once over and not twice, into a code cache of the size that Java has without that
# option. In the 48 MB that it has with it the space ran out: no more was compiled, and at times Java ended. Memory is there
# from the start: while it grew, a scan of 127 CPU seconds spent 24 on collecting, half of them on 14 times the whole heap
# for the sake of its classes.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC -Xms2g -Xmn700m -XX:MetaspaceSize=384m"


def missing() -> str:
    """Why Spark cannot run here; empty when it can."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "there is no Java: apt-get install openjdk-17-jre-headless"
    return ""


def started(folder: Path) -> Any:
    """A session that tests share, with a catalog of its own under `folder`."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .appName("stillwatch tests")
        .config("spark.driver.memory", "2g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.extraJavaOptions", _JAVA)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.default.parallelism", "2")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")  # what fails is raised as well
    return session


def for_small_tables(session: Any, small: bool) -> None:
    """Plans interpreted and unshuffled, or as Spark does by default."""
    for name, value in _SMALL.items():
        if small:
            session.conf.set(name, value)
        else:
            session.conf.unset(name)
    if not small:
        session.conf.set("spark.sql.shuffle.partitions", "2")  # one a core; 200 tasks would wait for two


def engine(session: Any, folder: Path, limits: Spark) -> Engine:
    """Spark's engine, with its tables in a folder."""
    from stillwatch.engines import spark, spark_store

    return spark.Spark(folder, session, spark_store.Folder(session, str(folder / "spark")), limits, ours=False)
