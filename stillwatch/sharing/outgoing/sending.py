"""A package's objects, to the partner's TAXII 2.1 collection."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.sharing.outgoing.partners import Partner

if TYPE_CHECKING:
    from stillwatch.sharing.taxii.pushed import Pushed

_SHOWN = 5  # of those that were not taken


def send(partner: Partner, where: str, bundle: bytes) -> None:
    """All of it, to the collection of that address, or an error that says what is not there. May be repeated."""
    done = asyncio.run(_sent(partner, where, bundle))
    if done.failures:
        raise ResponseFailed(
            f"{partner.name} took {done.success:,} objects, and not {len(done.failures):,}: "
            f"{'; '.join(done.failures[:_SHOWN])}", where, "a server that takes all of them", "ask them, then the same again",
        )  # fmt: skip


async def _sent(partner: Partner, where: str, bundle: bytes) -> Pushed:
    from stillwatch.sharing.taxii.asking import Asking, authorization  # aiohttp, which files do not need
    from stillwatch.sharing.taxii.pushed import push
    from stillwatch.sharing.taxii.remote import collection

    async with Asking(where, authorization(_path(partner.taxii_key)), _path(partner.taxii_ca)) as asking:
        found = await collection(asking)
        if not found.can_write:
            raise BadConfiguration("we may not write to this collection", where, "one with can_write", "ask them")
        return await push(asking, found, orjson.loads(bundle)["objects"])


def _path(text: str) -> Path | None:
    return Path(os.path.expanduser(text)) if text else None
