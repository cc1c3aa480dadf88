"""A server of the DNS on the loopback, UDP and TCP on one port, by dnslib; and what answers as no server should."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any


def missing() -> str:
    """Why there is none; empty when there is."""
    return (
        "" if find_spec("dnslib") and find_spec("dns") else "there is no dnslib: pip install 'stillwatch[verify-tests]'"
    )


@contextmanager
def zone(records: str, codes: dict[str, str] | None = None) -> Iterator[tuple[str, list[str]]]:
    """Serves a zone file; `codes` of names are answered in place of records. Gives its address, and what it was asked over."""
    from dnslib import QTYPE, RCODE, RR, SOA, DNSRecord
    from dnslib.server import BaseResolver, DNSHandler, DNSServer

    held = RR.fromZone(records)
    over: list[str] = []

    class Zone(BaseResolver):  # type: ignore[misc]  # dnslib has no types
        def resolve(self, request: Any, handler: Any) -> Any:
            over.append(handler.protocol)
            answer, name = request.reply(), request.q.qname
            if code := (codes or {}).get(str(name)):
                answer.header.rcode = getattr(RCODE, code)
                return answer
            for _ in range(3):  # a name, and where it leads
                found = [one for one in held if one.rname == name and one.rtype in (request.q.qtype, QTYPE.CNAME)]
                answer.add_answer(*found)
                if not found or found[0].rtype != QTYPE.CNAME:
                    break
                name = found[0].rdata.label
            if not any(one.rname == name for one in held):
                answer.header.rcode = RCODE.NXDOMAIN
            if not any(one.rtype == request.q.qtype for one in answer.rr):
                answer.add_auth(RR("example.com", QTYPE.SOA, ttl=300, rdata=SOA(times=(1, 1, 1, 1, 60))))
            return answer

    class Cuts(DNSHandler):  # type: ignore[misc]
        def get_reply(self, data: bytes) -> bytes:
            """Over UDP what is long is cut to the question, as resolvers do; dnslib leaves that out as well."""
            answer: bytes = super().get_reply(data)
            if self.protocol == "tcp" or len(answer) <= 1232:
                return answer
            cut = DNSRecord.parse(answer)
            cut.header.tc = 1
            short: bytes = DNSRecord(cut.header, q=cut.q).pack()
            return short

    class Silent:
        def __getattr__(self, name: str) -> Callable[..., None]:
            return lambda *_: None

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    servers = [DNSServer(Zone(), "127.0.0.1", port, tcp=tcp, logger=Silent(), handler=Cuts) for tcp in (False, True)]
    for one in servers:
        one.start_thread()
    yield f"127.0.0.1:{port}", over
    for one in servers:
        one.stop()
        one.server.server_close()


@contextmanager
def answering(packet: Callable[[bytes], list[bytes]]) -> Iterator[str]:
    """Sends these packets for each question that comes over UDP. Over TCP nobody is there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(0.05)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    question, whose = line.recvfrom(4096)
                except TimeoutError:
                    continue
                for one in packet(question):
                    line.sendto(one, whose)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{line.getsockname()[1]}"
        done.set()
        thread.join()
