"""TXT records looked up at a resolver that is named: what is there, what is not, and what a resolver could not find out."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import dns_here
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import BadConfiguration, NothingToRead

if dns_here.missing():
    pytest.skip(dns_here.missing(), allow_module_level=True)

from stillwatch.verification.pathways.resolver import Looked, Server, looked_up, server

Run = Callable[..., tuple[int, str, str]]
NAME = "_stillwatch-challenge.example.com"
SOON = 0.2  # seconds, where no answer comes


@pytest.mark.parametrize(
    ("records", "texts"),
    [
        (f'{NAME}. 60 IN TXT "one"', ("one",)),
        (f'{NAME}. 60 IN TXT "two" "parts"', ("twoparts",)),
        (f'{NAME}. 60 IN TXT "one"\n{NAME}. 60 IN TXT "other"', ("one", "other")),
        (f'{NAME}. 60 IN CNAME proof.example.net.\nproof.example.net. 60 IN TXT "there"', ("there",)),
        (f'{NAME}. 60 IN A 192.0.2.1\nexample.com. 60 IN TXT "elsewhere"', ()),
    ],
)
def test_records_that_are_there(records: str, texts: tuple[str, ...]) -> None:
    with dns_here.zone(records) as (address, over):
        assert sorted(looked_up(NAME, server(address)).texts) == sorted(texts) and over == ["udp"]


def test_an_answer_that_is_cut_is_asked_for_over_tcp() -> None:
    many = "\n".join(f'{NAME}. 60 IN TXT "{number:0200}"' for number in range(20))
    with dns_here.zone(many) as (address, over):
        assert len(looked_up(NAME, server(address)).texts) == 20 and over == ["udp", "tcp"]


def test_too_much_is_not_read() -> None:
    many = "\n".join(f'{NAME}. 60 IN TXT "{number:0250}"' for number in range(70))
    with dns_here.zone(many) as (address, _), pytest.raises(NothingToRead, match="more than 16,384 bytes"):
        looked_up(NAME, server(address))


def test_not_there_is_told_in_two_ways_and_when_to_look_again() -> None:
    with dns_here.zone(f"{NAME}. 60 IN A 192.0.2.1") as (address, _):
        none, nobody = looked_up(NAME, server(address)), looked_up("_x.example.com", server(address))
    assert none == Looked(
        (), "the name is there, and has no TXT record; a record that was published since shows after 60 seconds"
    )
    assert nobody.texts == () and nobody.says.startswith("there is no such name; ") and "60 seconds" in nobody.says


@pytest.mark.parametrize(
    ("code", "told"),
    [("SERVFAIL", r"SERVFAIL[\s\S]*DNSSEC"), ("REFUSED", r"REFUSED[\s\S]*answers this machine"), ("NOTIMP", "NOTIMP")],
)
def test_a_resolver_that_could_not_find_out_says_nothing_of_the_domain(code: str, told: str) -> None:
    with dns_here.zone("", {f"{NAME}.": code}) as (address, _), pytest.raises(NothingToRead, match=told):
        looked_up(NAME, server(address))


def truncated(question: bytes) -> list[bytes]:
    return [question[:2] + b"\x83\x80" + question[4:]]


@pytest.mark.parametrize(
    ("packets", "told"),
    [
        (lambda question: [], "no answer in 2 times"),
        (lambda question: [b"no message of the DNS"], "no answer in 2 times"),
        (
            lambda question: [bytes([question[0] ^ 255]) + question[1:2] + b"\x81\x80" + question[4:]],
            "no answer in 2 times",
        ),
        (truncated, "cannot be reached"),  # and over TCP nobody is there
    ],
)
def test_what_is_no_answer_is_passed_over(packets: Callable[[bytes], list[bytes]], told: str) -> None:
    with dns_here.answering(packets) as address, pytest.raises(NothingToRead, match=told):
        looked_up(NAME, server(address), SOON)


def test_nobody_there() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NothingToRead, match=rf"127\.0\.0\.1:{port}"):
        looked_up(NAME, Server("127.0.0.1", port), SOON)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1", Server("127.0.0.1")),
        ("192.0.2.1:5353", Server("192.0.2.1", 5353)),
        ("::1", Server("::1")),
        ("[2001:db8::1]:5353", Server("2001:db8::1", 5353)),
        ("[::1]", Server("::1")),
    ],
)
def test_addresses(text: str, found: Server) -> None:
    assert server(text) == found and server(str(found)) == found


@pytest.mark.parametrize("text", ["", "resolver.example", "127.0.0.1:0", "127.0.0.1:65536", "[::1", "1.2.3.4:x", "8.8"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BadConfiguration, match="--resolver"):
        server(text)


@given(st.text())
def test_any_text_is_an_address_or_an_error(text: str) -> None:
    with suppress(BadConfiguration):
        assert server(str(server(text))) == server(text)


def test_the_command_looks_up_where_it_is_told_to_and_nowhere_else(tmp_path: Path, stillwatch: Run) -> None:
    words = ("verify", "domain", "example.com", "--case", "C-1", "--key", tmp_path / "key")
    _, record, _ = stillwatch(*words)
    with dns_here.zone(record.replace(" IN ", " 60 IN ")) as (address, over):
        assert stillwatch(*words)[0] == 0 and over == []
        code, _, err = stillwatch(*words, "--resolver", address)
        assert (code, err, over) == (0, "found\n", ["udp"])
        code, _, err = stillwatch("verify", "domain", "example.org", *words[3:], "--resolver", address)
        assert code == 1 and err.startswith("not found: there is no such name; ")
    with dns_here.zone("", {f"{NAME}.": "SERVFAIL"}) as (address, _):
        code, out, err = stillwatch(*words, "--resolver", address)
        assert (code, out) == (10, "") and "SERVFAIL" in err
    assert stillwatch(*words, "--resolver", address, "--records", tmp_path / "key")[0] == 2
