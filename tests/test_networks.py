"""Classes of networks by ASN: ours first, then lists, and null for what nobody knows."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import BadConfiguration
from stillwatch.networks import Networks

DATA = Path(os.environ.get("STILLWATCH_DATA", Path(__file__).parents[2] / "shared" / "data"))


def classes(networks: Networks, *asns: int | None) -> list[str | None]:
    made: list[str | None] = networks.network(pa.array(asns, pa.int32())).to_pylist()
    return made


def test_the_built_in_table_knows_the_large_ones() -> None:
    assert classes(Networks.load(), 16509, 680, 209103, 64512, None) == ["hosting", "education", "vpn", None, None]


def test_lists_add_and_never_overrule(tmp_path: Path) -> None:
    pq.write_table(pa.table({"ASN": ["AS64500", "680", "x"]}), tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text("asn,class\nAS64501,access\n")
    (tmp_path / "c.csv").write_text("domain\nexample.org\n")
    assert classes(Networks.load(tmp_path), 64500, 64501, 680) == ["hosting", "access", "education"]


def test_no_table_at_all_knows_nothing() -> None:
    assert classes(Networks({}), 16509, None) == [None, None]


def test_an_unknown_class_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("asn,class\n64501,evil\n")
    with pytest.raises(BadConfiguration, match="'evil' is not a class of network"):
        Networks.load(tmp_path)


@pytest.mark.skipif(not (DATA / "intel").is_dir(), reason="reference lists are not there (STILLWATCH_DATA)")
def test_published_lists_can_be_read() -> None:
    assert len(Networks.load(DATA / "intel")) > len(Networks.load()) + 500
