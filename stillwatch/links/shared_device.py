"""Accounts registered on the same device.

Innocent when: a family computer, or a computer room at a school.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis import Table, _

from stillwatch.links.tie import Tie


def values(tables: Mapping[str, Table]) -> Table:
    held = tables["registered"].filter(_.device_fingerprint.notnull())
    return held.select("account_id", value=_.device_fingerprint)


shared_device = Tie(
    kind="shared_device",
    family="identity",
    reads=("registered",),
    values=values,
    same_operator=0.3,  # account farms run many sign-ups a device
    unrelated=0.0005,  # family computers
    crowd=100,  # more is a fingerprint that does not tell devices apart
    phrase="registered on a device that another member registered on",
    innocent="a family computer, or a computer room at a school",
)
