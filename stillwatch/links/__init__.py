"""Ties between accounts: one file per tie, each states its crowding limit; this page lists them.

To add one: a file that makes a `Tie`, and a line in `ALL` (docs/how-to-add-a-link.md).
"""

from __future__ import annotations

from stillwatch.links.client_build import client_build
from stillwatch.links.email_pattern import email_pattern
from stillwatch.links.failover import failover
from stillwatch.links.lockstep import lockstep
from stillwatch.links.queue_shards import queue_shards
from stillwatch.links.rare_template import rare_template
from stillwatch.links.shared_address import shared_address
from stillwatch.links.shared_device import shared_device
from stillwatch.links.shared_indicator import shared_indicator
from stillwatch.links.shared_payment import shared_payment
from stillwatch.links.shared_phone import shared_phone
from stillwatch.links.shared_signature import shared_signature
from stillwatch.links.signup_burst import signup_burst
from stillwatch.links.signup_moment import signup_moment
from stillwatch.links.succession import succession
from stillwatch.links.tie import Tie

ALL: tuple[Tie, ...] = (
    shared_payment,
    shared_device,
    shared_phone,
    email_pattern,
    signup_burst,
    signup_moment,
    shared_address,
    client_build,
    rare_template,
    queue_shards,
    shared_signature,
    failover,
    lockstep,
    succession,
    shared_indicator,
)

__all__ = ["ALL", "Tie"]
