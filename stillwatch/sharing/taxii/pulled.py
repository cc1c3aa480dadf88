"""What a partner's collection has that we have not: a bundle a page, and where to go on.

Pages follow each other by `next`. Where to go on after a crash is an instant: objects come in the order in which they were
added, so all that were added before the last of a page are there. That last instant is asked for once more, since servers give
the same to many objects; and what a server keeps of a page that was lost on the way, as one peer does, is never relied on.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import ResponseFailed
from stillwatch.sharing import files
from stillwatch.sharing.taxii import places
from stillwatch.sharing.taxii.answers import FIRST, LAST
from stillwatch.sharing.taxii.asking import Answered, Asking
from stillwatch.sharing.taxii.instants import NoInstant, micros, written
from stillwatch.sharing.taxii.remote import Remote

LIMIT = 1_000  # objects that are asked for in a page
MOST_OBJECTS = 1_000_000  # of one pull; more are for the next
MOST_EMPTY = 3  # pages in a row without an object, of a server that says there are more
_NAME = re.compile(r"[^0-9A-Za-z]")
_NAMESPACE = uuid.UUID("6f1ad2f8-9f6b-4b6e-9b0e-3d1f0c6a5e2d")  # of the ids of bundles that are written here


@dataclass(frozen=True)
class Pulled:
    objects: int
    pages: tuple[Path, ...]
    whole: bool  # False where there are more than a pull takes


async def pull(
    asking: Asking, remote: Remote, at: Path, out: Path, most: int = MOST_OBJECTS, limit: int = LIMIT
) -> Pulled:
    """`at` is the file of the place, `out` the folder for pages. ResponseFailed; what came before it is kept."""
    begins = places.read(at)
    asked = {"limit": str(limit), "match[version]": "all", **({"added_after": begins} if begins else {})}
    pages: dict[Path, None] = {}
    objects, empty, last = 0, 0, begins
    while True:
        answer = await asking.get(remote.objects, asked)
        ones = _objects(answer, remote.objects)
        objects, empty = objects + len(ones), 0 if ones else empty + 1
        before = last
        if ones:
            path = out / f"{_between(answer, ones)}.json"
            if path in pages:
                raise ResponseFailed("the server answers with the same page again", remote.objects)
            files.replace(path, orjson.dumps(_bundle(ones, path.name)))
            pages[path], last = None, _last(answer, remote.objects) or last
        more = answer.said.get("more") is True
        if last:
            places.write(at, written(micros(last) - 1) if more else last)
        if not more or objects >= most:
            return Pulled(objects, tuple(pages), not more)
        if empty >= MOST_EMPTY:
            raise ResponseFailed(f"{empty} pages without an object, and more are promised", remote.objects)
        asked = {**asked, **_following(answer, before, last, remote.objects)}


def _following(answer: Answered, before: str, last: str, where: str) -> dict[str, str]:
    """By `next`, or without it after the last instant, as 3.5 has it."""
    following = answer.said.get("next")
    if isinstance(following, str) and following:
        return {"next": following}
    if not last or (before and micros(last) <= micros(before)):
        raise ResponseFailed("the server says that there are more, and not where", where)
    return {"added_after": last}


def _last(answer: Answered, where: str) -> str:
    found = answer.headers.get(LAST, "")
    try:
        return written(micros(found)) if found else ""
    except NoInstant:
        raise ResponseFailed(f"{LAST} is no instant", where) from None


def _objects(answer: Answered, where: str) -> list[dict[str, Any]]:
    found = answer.said.get("objects", [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ResponseFailed("the server answered with no list of objects", where)
    return found


def _between(answer: Answered, ones: list[dict[str, Any]]) -> str:
    """A name that sorts as pages do, the same for the same page."""
    ends = [_NAME.sub("", answer.headers.get(name, ""))[:32] for name in (FIRST, LAST)]
    return f"{ends[0]}-{ends[1]}-{uuid.uuid5(_NAMESPACE, orjson.dumps(ones).hex()).hex[:12]}"


def _bundle(ones: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return {"type": "bundle", "id": f"bundle--{uuid.uuid5(_NAMESPACE, name)}", "objects": ones}
