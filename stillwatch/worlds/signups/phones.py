"""Numbers: of a country's plan, some side by side in a block that a seller, a firm or a shop of SIM cards has."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.worlds.dice import U64, mix, unit
from stillwatch.worlds.signups import lands
from stillwatch.worlds.signups.lands import Texts

IN_A_BLOCK = 3  # last digits, which a block leaves free
CROWDED = 1.6  # exponent: some ranges are full of subscribers, others nearly empty


def numbers(phones: U64, country: Texts, block: U64, voip: npt.NDArray[np.bool_]) -> Texts:
    """International form (E.164) of each phone, empty for key 0; those of one block follow each other with small gaps."""
    out = np.full(len(phones), "", "<U16")
    base = np.where(block == 0, mix(phones, "place"), mix(block, "place"))
    last = _last_digits(phones, block)
    for name in np.unique(country):
        plan = lands.land(str(name))
        for by_internet in (False, True):
            here = np.flatnonzero((country == name) & (voip == by_internet) & (phones != 0))
            if not len(here):
                continue
            form = plan.get("voip", plan["phones"]) if by_internet else plan["phones"]
            heads = np.array(_heads(form))
            free = form["digits"] - IN_A_BLOCK
            middle = (unit(base[here], "middle") ** CROWDED * 10**free).astype(np.int64)
            text = np.char.add(
                heads[(mix(base[here], "lead") % np.uint64(len(heads))).astype(int)],
                np.char.zfill(middle.astype(f"<U{free}"), free),
            )
            text = np.char.add(text, np.char.zfill(last[here].astype("<U3"), IN_A_BLOCK))
            out[here] = np.char.add(lands.people_of(str(name))["phone"], text)
    return out


def _heads(form: dict[str, Any]) -> list[str]:
    """What numbers begin with: an N at the end stands for any digit that an exchange may begin with."""
    return [
        one.replace("N", digit) for one in form["leads"] for digit in ("23456789" if one.endswith("N") else one[-1:])
    ]


def _last_digits(phones: U64, block: U64) -> npt.NDArray[np.int64]:
    last = (mix(phones, "last") % np.uint64(1000)).astype(np.int64)
    rows = np.flatnonzero(block != 0)
    if len(rows):
        _, number = np.unique(block[rows], return_inverse=True)
        order = np.argsort(number, kind="stable")
        rank = np.empty(len(rows), np.int64)
        starts = np.searchsorted(number[order], np.arange(number.max() + 1))
        rank[order] = np.arange(len(rows)) - starts[number[order]]
        step = 1 + (mix(block[rows], "step") % np.uint64(3)).astype(np.int64)
        last[rows] = ((mix(block[rows], "from") % np.uint64(1000)).astype(np.int64) + rank * step) % 1000
    return last
