"""Reference lists: what comes with the packages, files of one's own, and what is said of a file that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import BadConfiguration
from stillwatch.verification import list_files
from stillwatch.verification.databases import Found
from stillwatch.verification.lists import Lists, Mail

DATA = Path(os.environ.get("STILLWATCH_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load()


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        ("mailinator.com", Mail(disposable=True)),
        ("mail.mailinator.com", Mail(disposable=True)),
        ("privaterelay.appleid.com", Mail(relay=True)),
        ("duck.com", Mail(relay=True)),
        ("gmail.com", Mail(free=True)),
        ("qq.com", Mail(free=True)),
        ("stanford.edu", Mail(academic=True)),
        ("cs.stanford.edu", Mail(academic=True)),
        ("tsinghua.edu.cn", Mail(academic=True)),
        ("oshtu.edu.kg", Mail(withdrawn=True)),
        ("manas.edu.kg", Mail(academic=True)),
        ("anyone.edu.kg", Mail(open_suffix=True, says_academic=True)),
        ("liceum9.edu.pl", Mail(open_suffix=True, says_academic=True)),
        ("acme.io", Mail()),
        ("", Mail()),
    ],
)
def test_what_is_said_of_a_domain(lists: Lists, domain: str, said: Mail) -> None:
    assert lists.mail(domain) == said


def test_every_list_has_a_source_and_a_date(lists: Lists) -> None:
    assert all(one.name and one.source and one.date and one.entries > 0 for one in lists.sources())
    assert {"disposable", "academic", "withdrawn", "mail_relay", "free", "networks", "time zones"} <= {
        one.name for one in lists.sources()
    }


def test_files_of_a_folder_add_to_it(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("where these are from")
    (tmp_path / "disposable.txt").write_text(
        "# source: us\n# date: 2026-11-01\nThrow.example  # remark\n\nbücher.example\n"
    )
    (tmp_path / "university_domains.csv").write_text('name,domain\n"A, B",campus.example\n')
    (tmp_path / "swot-stoplist.txt").write_text("stanford.edu\n")
    (tmp_path / "mail-relays.csv").write_text("domain\nmailinator.com\n")
    (tmp_path / "tor-exits.txt").write_text("192.0.2.1\n2001:db8::1\n")
    (tmp_path / "vpn.csv").write_text("cidr,who\n192.0.2.0/24,x\n")
    pq.write_table(pa.table({"Start": ["198.51.100.1"], "End": ["198.51.100.9"]}), tmp_path / "residential.parquet")
    (tmp_path / "asn-own.csv").write_text("asn,class\n64500,vpn\n")
    lists = Lists.load(tmp_path)
    assert lists.mail("throw.example").disposable and lists.mail("xn--bcher-kva.example").disposable
    assert lists.mail("cs.campus.example").academic
    assert lists.mail("stanford.edu") == Mail(withdrawn=True)
    assert lists.mail("mailinator.com") == Mail(relay=True)
    networks = [
        lists.place(one).network for one in ("192.0.2.1", "192.0.2.2", "198.51.100.9", "2001:db8::1", "203.0.113.1")
    ]
    assert networks == ["tor", "vpn", "residential", "tor", ""]
    assert lists.place("203.0.113.1", asn=64500) == Found("", 64500, "vpn")
    assert ("disposable", "us", "2026-11-01", 2) in lists.sources()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("notes.txt", "x", "nobody can tell what this file lists"),
        ("disposable.pdf", "x", "nobody can tell what this file lists"),
        ("disposable.txt", "a.example\nnot a domain\n", "disposable.txt: line 2"),
        ("vpn.txt", "192.0.2.0/24\nhere\n", "vpn.txt: line 2"),
        ("vpn.parquet", "no parquet", "vpn.parquet"),
        ("tor.txt", b"\xff\xfe\x00", "tor.txt"),
        ("asn.csv", "asn,class\n64500,evil\n", "is not a class of network"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, text: str | bytes, said: str) -> None:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadConfiguration, match=said):
        Lists.load(tmp_path)


def test_no_folder_at_all_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="no such folder"):
        Lists.load(tmp_path / "nowhere")


def test_a_parquet_file_without_a_column_we_know_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"host": ["a.example"]}), tmp_path / "disposable.parquet")
    with pytest.raises(BadConfiguration, match="no column that we know"):
        Lists.load(tmp_path)


@pytest.mark.skipif(not (DATA / "intel").is_dir(), reason="reference lists are not there (STILLWATCH_DATA)")
def test_published_lists_agree_with_ours() -> None:
    """Most of two public lists is known; of academic domains of another list, hardly one is called a look-alike."""
    lists, intel = Lists.load(), DATA / "intel"
    schools = [lists.mail(one) for one in list_files.domains(intel / "university_domains.parquet")]
    thrown = [lists.mail(one) for one in list_files.domains(intel / "disposable_domains.parquet")]
    assert sum(one.academic for one in schools) / len(schools) > 0.7
    assert sum(bool(one.resembles) for one in schools) / len(schools) < 0.005
    assert not any(one.disposable for one in schools)
    assert sum(one.disposable for one in thrown) / len(thrown) > 0.99


@pytest.mark.skipif(not (DATA / "intel").is_dir(), reason="reference lists are not there (STILLWATCH_DATA)")
def test_published_lists_can_be_read_as_a_folder() -> None:
    lists = Lists.load(DATA / "intel")
    first = list_files.spans(DATA / "intel" / "x4b_datacenter_ipv4.parquet")[0]
    dotted = ".".join(str(byte) for byte in first[1].to_bytes(4, "big"))
    assert lists.place(dotted).network == "hosting"
    assert lists.mail("unknown.example") == Mail()
