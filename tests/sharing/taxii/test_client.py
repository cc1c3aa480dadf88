"""What our client does with servers that are slow, broken or hostile, over real connections."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.sharing.taxii import asking as bounds
from stillwatch.sharing.taxii import places
from stillwatch.sharing.taxii.asking import Asking, authorization
from stillwatch.sharing.taxii.media import TAXII
from stillwatch.sharing.taxii.pulled import Pulled, pull
from stillwatch.sharing.taxii.pushed import push
from stillwatch.sharing.taxii.remote import remote
from tests.sharing.taxii.taxii_here import indicator

Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]
LAST = "X-TAXII-Date-Added-Last"
FIRST = "X-TAXII-Date-Added-First"
ONE = indicator()
DATES = [f"2026-01-01T00:00:00.00000{n}Z" for n in range(10)]


def said(document: Any, status: int = 200, **headers: str) -> web.Response:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(body=orjson.dumps(document), status=status, headers={"content-type": TAXII, **told})


def page(numbers: range, more: str | None = None, **document: Any) -> web.Response:
    """Objects with these numbers, added in their order; `more` is what `next` says."""
    ones = [indicator(name=str(number)) for number in numbers]
    told = {"objects": ones, **({"more": True, "next": more} if more else {}), **document}
    ends = {FIRST: DATES[numbers[0]], LAST: DATES[numbers[-1]]} if numbers else {}
    return web.Response(body=orjson.dumps(told), headers={"content-type": TAXII, **ends})


class Strange:
    """A server with one collection whose objects are answered by a function; it remembers what it was asked."""

    def __init__(self, objects: Answers, **root: Any) -> None:
        self.objects, self.asked, self.root = objects, list[web.Request](), root

    async def __call__(self, came: web.Request) -> web.StreamResponse:
        self.asked.append(came)
        if came.path == "/root/":
            return said({"title": "x", "versions": [TAXII], "max_content_length": 1_000_000, **self.root})
        if came.path == "/root/collections/":
            rights = {"can_read": True, "can_write": True}
            return said({"collections": [{"id": "c", "alias": "named", "title": "Named", **rights}]})
        return await self.objects(came)

    @property
    def pages(self) -> list[web.Request]:
        return [one for one in self.asked if one.path.endswith("/objects/")]


async def within(strange: Answers, does: Callable[[str], Awaitable[Any]]) -> Any:
    runner = web.ServerRunner(web.Server(strange))  # type: ignore[arg-type]
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        return await does(f"http://127.0.0.1:{runner.addresses[0][1]}/root/")
    finally:
        await runner.cleanup()


def pulled(strange: Strange, out: Path, name: str = "named", **more: Any) -> Pulled:
    async def does(address: str) -> Pulled:
        async with Asking(address, "Bearer ours") as asking:
            return await pull(asking, await remote(asking, name), out / "place.json", out, **more)

    found: Pulled = asyncio.run(within(strange, does))
    return found


def names(found: Pulled) -> list[str]:
    return [one["name"] for path in found.pages for one in orjson.loads(path.read_bytes())["objects"]]


def numbered(most: int = 8, each: int = 3) -> Answers:
    """Pages of so many, by `next` that is a number."""

    async def answer(came: web.Request) -> web.StreamResponse:
        after = came.query.get("added_after", "")
        begin = int(came.query.get("next", DATES.index(after) + 1 if after else 0))
        end = min(begin + each, most)
        return page(range(begin, end), str(end) if end < most else None)

    return answer


def test_pages_by_next_and_goes_on_after_the_last_pull(tmp_path: Path) -> None:
    strange = Strange(numbered())
    assert names(pulled(strange, tmp_path)) == list("01234567")
    assert [dict(one.query) for one in strange.pages] == [
        {"limit": "1000", "match[version]": "all"},
        {"limit": "1000", "match[version]": "all", "next": "3"},
        {"limit": "1000", "match[version]": "all", "next": "6"},
    ]
    assert all(
        one.headers["authorization"] == "Bearer ours" and one.headers["accept"] == TAXII for one in strange.asked
    )
    assert places.read(tmp_path / "place.json") == DATES[7]
    again = Strange(numbered(10))
    assert names(pulled(again, tmp_path)) == list("89")
    assert again.pages[0].query["added_after"] == DATES[7]


def test_goes_on_by_date_where_the_server_gives_no_next(tmp_path: Path) -> None:
    async def answer(came: web.Request) -> web.StreamResponse:
        after = came.query.get("added_after", "")
        begin = DATES.index(after) + 1 if after else 0
        return page(range(begin, min(begin + 3, 8)), more=begin + 3 < 8)

    assert names(pulled(Strange(answer), tmp_path)) == list("01234567")


def test_a_pull_that_stopped_goes_on_with_the_last_instant_once_more(tmp_path: Path) -> None:
    good = numbered()

    async def breaks(came: web.Request) -> web.StreamResponse:
        return said({"title": "no"}, 400) if came.query.get("next") == "6" else await good(came)

    with pytest.raises(ResponseFailed, match="400"):
        pulled(Strange(breaks), tmp_path)
    assert places.read(tmp_path / "place.json") == DATES[4], "what was added with the sixth may not all have come"
    assert names(pulled(Strange(good), tmp_path)) == list("567")
    (tmp_path / "place.json").write_text("{}")
    with pytest.raises(BadConfiguration, match="how far"):
        pulled(Strange(good), tmp_path)


def test_a_next_that_stays_the_same_is_gone_on_with(tmp_path: Path) -> None:
    """As medallion does, which remembers how far it is."""
    begins = iter(range(0, 9, 3))

    async def remembers(came: web.Request) -> web.StreamResponse:
        begin = next(begins)
        return page(range(begin, begin + 3), "token" if begin < 6 else None)

    assert names(pulled(Strange(remembers), tmp_path)) == list("012345678")


def test_a_pull_ends_after_so_many_and_the_next_goes_on(tmp_path: Path) -> None:
    first = pulled(Strange(numbered()), tmp_path, most=5)
    assert (names(first), first.whole) == (list("012345"), False)
    assert names(pulled(Strange(numbered()), tmp_path)) == list("567"), "the last instant once more"


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (lambda came: said({"objects": [ONE], "more": True, "next": "x"}, **{LAST: DATES[1]}), "the same page again"),
        (lambda came: page(range(0), more=True), "not where"),
        (lambda came: page(range(0), str(len(came.query.get("next", "")) * "x" + "x")), "pages without an object"),
        (lambda came: page(range(1), more=True), "not where"),
        (lambda came: said({"objects": {}}), "no list of objects"),
        (lambda came: said({"objects": [1]}), "no list of objects"),
        (lambda came: said({"objects": [{}], "more": True, "next": "x"}, **{LAST: "yesterday"}), "no instant"),
        (lambda came: said([]), "no JSON object"),
        (lambda came: web.Response(text="<html>", content_type="text/html"), "not TAXII"),
        (lambda came: said({"title": "\x1b[31m no"}, 403), r"403: .* no"),
        (lambda came: web.Response(status=302, headers={"location": "http://localhost:1/"}), "sends us to another"),
        (lambda came: web.Response(status=302, headers={"location": "//[x"}), "no address"),
        (lambda came: web.Response(status=302, headers={"location": str(came.url)}), "redirects"),
        (lambda came: said({}, 503, retry_after="86400"), "86400 seconds first"),
        (lambda came: said({}, 500), "500"),
    ],
)  # fmt: skip
def test_a_server_that_does_not_do_as_it_should(
    tmp_path: Path, answers: Callable[[web.Request], web.StreamResponse], why: str
) -> None:
    async def answer(came: web.Request) -> web.StreamResponse:
        return answers(came)

    with pytest.raises(ResponseFailed, match=why) as problem:
        pulled(Strange(answer), tmp_path)
    assert "\x1b" not in str(problem.value) and "ours" not in str(problem.value)


def test_answers_are_bounded_after_they_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", 1 << 20)

    async def bomb(came: web.Request) -> web.StreamResponse:
        answer = web.Response(body=b" " * (8 << 20), headers={"content-type": TAXII})
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    with pytest.raises(ResponseFailed, match="more than 1,048,576 bytes"):
        pulled(Strange(bomb), tmp_path)


def test_waits_as_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(bounds.asyncio, "sleep", noted)
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    waits = iter([said({}, 429, retry_after="7"), said({}, 503, retry_after=soon), said({}, 503), said({}, 502)])

    async def later(came: web.Request) -> web.StreamResponse:
        return next(waits, None) or page(range(2))

    assert names(pulled(Strange(later), tmp_path)) == ["0", "1"]
    assert waited[0] == 7 and 90 < waited[1] <= 100 and waited[2:4] == [4, 8]


def test_a_redirect_within_the_server_is_followed(tmp_path: Path) -> None:
    async def moved(came: web.Request) -> web.StreamResponse:
        if came.path != "/root/moved/":
            return web.Response(status=307, headers={"location": "/root/moved/"})
        return page(range(2))

    assert names(pulled(Strange(moved), tmp_path)) == ["0", "1"]


def test_the_root_of_another_server_is_not_asked(tmp_path: Path) -> None:
    strange = Strange(numbered(), default="http://localhost:1/root/", versions=[])
    strange.root.pop("versions")

    async def discovery(came: web.Request) -> web.StreamResponse:
        return said({"title": "x", "default": "http://localhost:1/root/"})

    with pytest.raises(ResponseFailed, match="sends us to another"):
        asyncio.run(within(discovery, lambda address: _remote(address)))
    with pytest.raises(BadConfiguration, match="no such collection"):
        pulled(Strange(numbered()), tmp_path, name="other")


async def _remote(address: str) -> None:
    async with Asking(address, "Bearer ours") as asking:
        await remote(asking, "named")


@pytest.mark.parametrize(
    "address", ["http://ti.example.com/", "ftp://x/", "https://u:p@x/", "https://x/?a=b", "https:///", "x"]
)
def test_addresses(address: str) -> None:
    with pytest.raises(BadConfiguration):
        Asking(address, None)


def test_secrets_stand_in_files_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    for text, shown in (("us:s:1\n", "Basic dXM6czox"), ("token\n", "Bearer token")):
        path.write_text(text)
        path.chmod(0o600)
        assert authorization(path) == shown
    path.chmod(0o640)
    with pytest.raises(BadConfiguration, match="open to others"):
        authorization(path)
    path.chmod(0o600)
    path.write_text("two words")
    with pytest.raises(BadConfiguration, match="one line"):
        authorization(path)


def test_a_push_goes_in_parts_and_waits_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stillwatch.sharing.taxii.pushed._ASKS_EACH", 0.0)
    got: list[int] = []
    counts = {"total_count": 0, "pending_count": 0}

    async def answer(came: web.Request) -> web.StreamResponse:
        if came.method == "POST":
            assert came.content_type == "application/taxii+json"
            got.append(len(orjson.loads(await came.read())["objects"]))
            return said({"id": "s", "status": "pending", "success_count": 0, "failure_count": 0, **counts}, 202)
        assert came.path == "/root/status/s/"
        failures = [{"id": "x", "version": "", "message": "no"}]
        return said(
            {"id": "s", "status": "complete", "success_count": got[-1] - 1, "failure_count": 1, "failures": failures}
        )

    ones = [indicator(description="x" * 400_000) for _ in range(5)]

    async def does(address: str) -> Any:
        async with Asking(address, None) as asking:
            return await push(asking, await remote(asking, "c"), ones)

    done = asyncio.run(within(Strange(answer), does))
    assert got == [2, 2, 1] and (done.success, len(done.failures)) == (2, 3)
    assert done.failures[0] == "x no"
