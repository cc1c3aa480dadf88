"""TXT records of a name, asked of the one resolver that somebody names, and nobody else.

Over UDP, and over TCP where the answer is cut (RFC 7766); links from name to name (CNAME) are followed as far as the answer has
them. A resolver whose answers pass through networks of others can be lied to: name one of your own, which checks signatures.
Nothing is said of a domain by a resolver that could not find out: that is an error, and "not there" is none.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from stillwatch.errors import BadConfiguration, NothingToRead

SECONDS = 3.0  # for an answer, over each of UDP and TCP: resolvers give up on the servers that they ask after as long
_TRIES = 2  # a packet may be lost
_PAYLOAD = 1232  # bytes over UDP that no path cuts to pieces (dnsflagday.net/2020)
_MOST_BYTES = 16_384  # of texts: names with every service's token at once have some thousands
_PORT = 53
_NEXT = {
    "SERVFAIL": "the domain's own servers do not answer it, or its signatures (DNSSEC) do not hold; ask again later",
    "REFUSED": "a resolver that answers this machine, and looks up names of others",
}


@dataclass(frozen=True)
class Server:
    """A resolver's address."""

    host: str
    port: int = _PORT

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Looked:
    """What there is under a name."""

    texts: tuple[str, ...]
    says: str  # in words, where there is nothing


def server(text: str) -> Server:
    """ADDRESS[:PORT] of a resolver; an address of IPv6 with a port is in brackets. Not a name: who would look it up?"""
    found = re.fullmatch(
        r"\[(?P<six>[^\]]+)\](?::(?P<of>\d{1,5}))?|(?P<four>[^:]+)(?::(?P<port>\d{1,5}))?|(?P<bare>.+)", text
    )
    try:
        assert found is not None
        host = str(ipaddress.ip_address(found["six"] or found["four"] or found["bare"]))
        port = int(found["of"] or found["port"] or _PORT)
        if not 0 < port < 1 << 16:
            raise ValueError
    except (ValueError, AssertionError):
        raise BadConfiguration(
            f"{text[:80]!r} is no address of a resolver",
            "--resolver",
            "ADDRESS[:PORT], such as 127.0.0.1 or [::1]:5353",
        ) from None
    return Server(host, port)


def looked_up(name: str, at: Server, seconds: float = SECONDS) -> Looked:
    """TXT records of a name. NothingToRead where the resolver does not answer, refuses, or could not find out itself."""
    asked = dns.message.make_query(name, "TXT", payload=_PAYLOAD)
    answer = _answer(asked, at, seconds)
    code = dns.rcode.to_text(answer.rcode())
    if code not in ("NOERROR", "NXDOMAIN"):
        raise _unknown(
            f"the resolver says {code}, which says nothing of {name}", at, _NEXT.get(code, "another resolver")
        )
    try:
        chain = answer.resolve_chaining()
    except (dns.exception.DNSException, ValueError) as problem:
        raise _unknown(f"an answer that contradicts itself: {type(problem).__name__}", at, "another resolver") from None
    if chain.answer is None:
        there = "there is no such name" if code == "NXDOMAIN" else "the name is there, and has no TXT record"
        return Looked((), f"{there}; a record that was published since shows after {chain.minimum_ttl:,} seconds")
    texts = [b"".join(one.strings) for one in chain.answer]
    if sum(map(len, texts)) > _MOST_BYTES:
        raise _unknown(
            f"more than {_MOST_BYTES:,} bytes of TXT records under {name}", at, "a name for this record alone"
        )
    return Looked(
        tuple(one.decode("utf-8", "replace") for one in texts), "other TXT records are there, and this one is not"
    )


def _answer(asked: dns.message.Message, at: Server, seconds: float) -> dns.message.Message:
    for tried in range(1, _TRIES + 1):
        try:
            # What is no answer to this question is passed over, as anybody may send it to us.
            found = dns.query.udp_with_fallback(
                asked, at.host, seconds, at.port, ignore_unexpected=True, ignore_errors=True
            )
            return found[0]
        except dns.exception.Timeout:
            if tried == _TRIES:
                raise _unknown(f"no answer in {_TRIES} times {seconds:g} seconds", at, "its address and port") from None
        except OSError as problem:
            raise _unknown(f"it cannot be reached: {problem.strerror or problem}", at, "its address and port") from None
        except (dns.exception.DNSException, EOFError, ValueError) as problem:
            raise _unknown(f"what came is no answer: {type(problem).__name__}", at, "a server of the DNS") from None
    raise AssertionError("BUG: neither answered nor failed")


def _unknown(what: str, at: Server, then: str) -> NothingToRead:
    return NothingToRead(what, f"resolver {at}", "a resolver that answers; nothing is said of the domain", then)
