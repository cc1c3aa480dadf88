"""Where Spark keeps its tables: data sets under a path, or tables of a database."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from stillwatch.errors import BadConfiguration


class Store(Protocol):
    """Named tables, each replaced as a whole."""

    shared: bool  # a folder that this process and the executors both see under one path

    def read(self, name: str, schema: StructType | None) -> DataFrame: ...

    def save(self, name: str, frame: DataFrame) -> None: ...

    def put(self, name: str, table: pa.Table) -> None: ...

    def has(self, name: str) -> bool: ...

    def drop(self, name: str) -> None: ...

    def at(self, name: str) -> str:
        """Where a person finds the table."""
        ...


class Folder:
    """Parquet under one path; without a scheme it is a folder that this machine and the executors share."""

    def __init__(self, session: SparkSession, root: str) -> None:
        self._session = session
        self.shared = "://" not in root
        self._root = str(Path(root).resolve()) if self.shared else root.rstrip("/")

    def at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def read(self, name: str, schema: StructType | None) -> DataFrame:
        reader = self._session.read if schema is None else self._session.read.schema(schema)
        return reader.parquet(self.at(name))

    def save(self, name: str, frame: DataFrame) -> None:
        frame.write.mode("overwrite").parquet(self.at(name))

    def put(self, name: str, table: pa.Table) -> None:
        if not self.shared:
            self.save(name, self._session.createDataFrame(table))
            return
        folder = Path(self.at(name))
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pq.write_table(table, folder / "part-0.parquet", compression="zstd")

    def has(self, name: str) -> bool:
        files, path = self._files(name)
        return bool(files.exists(path))

    def drop(self, name: str) -> None:
        files, path = self._files(name)
        files.delete(path, True)

    def _files(self, name: str) -> tuple[Any, Any]:
        """Hadoop's own file system for the path: it knows every scheme that Spark can write to."""
        jvm: Any = self._session._jvm
        path = jvm.org.apache.hadoop.fs.Path(self.at(name))
        return path.getFileSystem(self._session._jsc.hadoopConfiguration()), path


class Database:
    """Tables of a database, in the form that its catalog gives new tables."""

    shared = False

    def __init__(self, session: SparkSession, database: str) -> None:
        self._session = session
        self._database = database
        try:
            known = session.catalog.databaseExists(database)
        except AnalysisException:
            known = False
        if not known:
            raise BadConfiguration(
                "no such database", f"--write-to {database}", "a database of the catalog, or a path with a / in it",
                f"CREATE DATABASE {database}, for this alone: tables of the same names are replaced",
            )  # fmt: skip

    def at(self, name: str) -> str:
        return f"{self._database}.{name}"

    def read(self, name: str, schema: StructType | None) -> DataFrame:
        return self._session.table(self.at(name))

    def save(self, name: str, frame: DataFrame) -> None:
        frame.write.mode("overwrite").saveAsTable(self.at(name))

    def put(self, name: str, table: pa.Table) -> None:
        self.save(name, self._session.createDataFrame(table))

    def has(self, name: str) -> bool:
        return self._session.catalog.tableExists(self.at(name))

    def drop(self, name: str) -> None:
        self._session.sql(f"DROP TABLE IF EXISTS {self.at(name)}")


def opened_store(session: SparkSession, write_to: str | None, beside: Path) -> Store:
    """Where `write_to` says; without it a folder beside the result, which a cluster may not share."""
    if write_to is None:
        if not str(session.conf.get("spark.master", "local")).startswith("local"):
            raise BadConfiguration(
                "a cluster needs a place for its tables", "--write-to",
                "a database of the catalog, or a path that every executor can write to",
                "add --write-to DATABASE or --write-to s3a://bucket/prefix",
            )  # fmt: skip
        return Folder(session, str(beside))
    return Folder(session, write_to) if "/" in write_to else Database(session, write_to)
