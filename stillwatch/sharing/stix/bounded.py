"""Whether JSON has more values than may be made of it, told from its bytes and at little cost where it plainly has not."""

from __future__ import annotations

from stillwatch.sharing.stix.limits import LIMITS, Limits


def too_many_values(data: bytes, limits: Limits = LIMITS) -> bool:
    """Commas and brackets within texts count in a first look, which nearly all pass; what does not is counted exactly."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") < limits.values:
        return False
    from stillwatch.sharing.stix.nesting import nesting  # loads numpy, which a server would else do without

    return nesting(data).values > limits.values
