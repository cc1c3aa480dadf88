"""A socket that a server listens on, opened before anything is served: an address that is taken is an error at the start."""

from __future__ import annotations

import socket

from stillwatch.errors import BadConfiguration


def listening(host: str, port: int, most: int) -> socket.socket:
    """Of IPv4 or IPv6; `most` connections wait to be taken. BadConfiguration where it cannot be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        found = socket.create_server((host, port), family=family, backlog=most)
    except OSError as problem:
        raise BadConfiguration(
            f"cannot listen there: {problem.strerror or problem}", f"{host}:{port}",
            "an address of this machine, a free port",
        ) from None  # fmt: skip
    # asyncio does so by itself only where a socket names its protocol; else each answer, of two parts, waits 40 ms for
    # the client to acknowledge the first. What is accepted inherits it.
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def address(found: socket.socket) -> str:
    """Where it is, as a URL has it."""
    host, port = found.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
