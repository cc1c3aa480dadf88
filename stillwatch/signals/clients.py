"""Known agent clients: the part of a system prompt that the client's maker wrote, and not the customer.

A coding agent ships one long system prompt to everybody. It says nothing about the account that sends it, so a declared
prefix is taken off before texts are fingerprinted and tagged; what the customer added after it stays.
When an innocent account shows it: always. When a campaign does: relays pick traffic by such prompts and forge them, so
being known clears the prefix only, never the account.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa


class KnownClients:
    """System-prompt prefixes by client; made once, used on every batch."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """Prefix → name of the client. An empty prefix would match everything and is left out."""
        self._prefixes = sorted(((p, name) for p, name in prefixes.items() if p.strip()), key=lambda one: -len(one[0]))

    def stripped(self, systems: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Distinct system prompts without a known prefix, and the client each begins with, or null."""
        if not self._prefixes:
            return systems, pa.nulls(len(systems), pa.string())
        rests: list[str | None] = []
        clients: list[str | None] = []
        for text in systems.to_pylist():
            known = next(((p, name) for p, name in self._prefixes if text is not None and text.startswith(p)), None)
            rests.append(text if known is None else text[len(known[0]) :])
            clients.append(None if known is None else known[1])
        return pa.array(rests, pa.string()), pa.array(clients, pa.string())
