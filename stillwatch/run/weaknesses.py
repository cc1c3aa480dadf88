"""What was missing from the log, and what that costs: evidence is weaker, nobody is more innocent for it."""

from __future__ import annotations

_COSTS = (
    ("client_ip", "shared addresses and networks cannot be seen"),
    ("asn", "hosting and VPN networks cannot be told from homes"),
    ("country", "a mismatch with the declared country cannot be seen"),
    ("user_agent", "clients cannot be told apart or checked against their TLS fingerprint"),
    ("tls_fingerprint", "a client that is not what it says cannot be seen"),
    ("header_fingerprint", "rare client builds cannot be seen"),
    ("prompt", "nothing of what was asked can be seen, so no template, harvest or capability"),
    ("system", "templates in system prompts, and agent clients, cannot be seen"),
    ("turn", "one-shot harvesting cannot be told from conversation"),
    ("model", "the reaction to model releases cannot be seen"),
    ("output_tokens", "what was taken cannot be counted in tokens"),
    ("organization_id", "one accountable organisation cannot be recognised by its exchanges"),
    ("tools", "tool use is judged by words alone"),
    ("status", "requests that were limited, and what was sent elsewhere instead, cannot be seen"),
    ("finish_reason", "refusals cannot be seen, so neither can sweeps by what was refused, nor failover after it"),
    ("reasoning_signature", "replayed reasoning cannot be seen"),
)
_TABLES = (
    ("accounts", "payments, devices, mail patterns, sign-up bursts, spares and victims cannot be seen"),
    ("releases", "the reaction to model releases cannot be seen"),
    ("declared", "declared organisations and agent clients cannot be recognised"),
)


def weaknesses(present: set[str], given: set[str]) -> list[str]:
    """One sentence per missing column or table."""
    derived = {"system", "prompt", "turn"} if "messages" in present else set()
    columns = [f"No {name}: {cost}." for name, cost in _COSTS if name not in present | derived]
    side = [f"No {name} table: {cost}." for name, cost in _TABLES if name not in given]
    return columns + side
