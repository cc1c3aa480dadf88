"""Summaries by a model of the provider's own, behind an OpenAI-compatible endpoint; extractive ones where it gives none.

It is asked while the answer goes on. Whatever is wrong with it, the client gets the summary of the reasoning's own
sentences, at the latest when the time for it is over, and never the reasoning.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from stillwatch import keyfiles
from stillwatch.config import Reasoning
from stillwatch.errors import BadConfiguration
from stillwatch.guard.reasoning.awaited import Made, Making
from stillwatch.guard.reasoning.prompt import VERSION, NoSummary, asked, told
from stillwatch.guard.reasoning.summary import extracted

INSTEAD = "summary: extractive instead"  # how it is counted, once more with why
MOST_CALLS = (
    8  # for one answer: tools and choices rarely make more of it, and whoever asks for many pays for none of them
)
_MOST_ANSWERED = (
    1 << 18
)  # bytes of an answer: a summary has 1,200 characters, and what its model thought may stand before it
_WHERE, _DOCS = "[reasoning]", "docs/guard.md"
_A_KEY = "one line: the API key of the summariser's endpoint"
_AGENT = f"stillwatch-summary/{VERSION}"


class Endpoint:
    """Asks it. Belongs to one event loop."""

    def __init__(self, settings: Reasoning, key: str, counts: Counter[str]) -> None:
        self._settings, self._counts = settings, counts
        self._headers = {"content-type": "application/json", "user-agent": _AGENT}
        if key:
            self._headers["authorization"] = f"Bearer {key}"
        self._url = URL(settings.summariser_url)
        self._session: ClientSession | None = None
        self._asking = 0  # calls at this moment

    def summaries(self) -> Making:
        """Makes those of one answer."""
        calls = 0

        def summary(text: str) -> Made:
            nonlocal calls
            plain = extracted(text)
            if not plain:  # too short to be told in less
                return ""
            calls += 1
            return self._summary(text, plain) if calls <= MOST_CALLS else self._instead(plain, "too many of one answer")

        return summary

    async def close(self) -> None:
        """Its connections."""
        if self._session is not None:
            await self._session.close()

    async def _summary(self, text: str, plain: str) -> str:
        if self._asking >= self._settings.most_at_once:
            return self._instead(plain, "busy")
        self._asking += 1
        try:
            async with asyncio.timeout(self._settings.summariser_seconds):
                return told(await self._answer(orjson.dumps(asked(text, self._settings.summariser_model))), text)
        except NoSummary as problem:
            why = str(problem)
        except TimeoutError:
            why = "late"
        except ClientError:
            why = "away"
        except Exception as problem:
            why = type(problem).__name__
        finally:
            self._asking -= 1
        return self._instead(plain, why)

    async def _answer(self, body: bytes) -> bytes:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=0), timeout=ClientTimeout(total=None), cookie_jar=DummyCookieJar()
            )
        async with self._session.post(self._url, data=body, headers=self._headers, allow_redirects=False) as answer:
            if answer.status != 200:
                raise NoSummary(f"status {answer.status}")
            said = bytearray()
            async for piece in answer.content.iter_any():
                said += piece
                if len(said) > _MOST_ANSWERED:
                    raise NoSummary("too long")
            return bytes(said)

    def _instead(self, plain: str, why: str) -> str:
        self._counts[INSTEAD] += 1
        self._counts[f"{INSTEAD} ({why})"] += 1
        return plain


def endpoint(
    settings: Reasoning, quiet_seconds: float, counts: Counter[str], given: Mapping[str, str]
) -> Endpoint | None:
    """What the settings name, with the key that stands in `given` or in a file; None where they name none."""
    if not settings.summariser_url:
        return None
    try:
        url = URL(settings.summariser_url)
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host or url.user or url.password:
        raise BadConfiguration(
            "the summariser's address is none of an endpoint for chat", f"{_WHERE}.summariser_url",
            "http:// or https://, a host and a path, without user and password", "http://127.0.0.1:8001/v1/chat/completions",
        )  # fmt: skip
    if not settings.summariser_model or settings.most_at_once < 1:
        raise BadConfiguration(
            "a summariser needs a model, and to be asked at all", f"{_WHERE}.summariser_model, {_WHERE}.most_at_once",
            "a name that its server knows; 1 or more", _DOCS,
        )  # fmt: skip
    if not 0 < settings.summariser_seconds < quiet_seconds:
        raise BadConfiguration(
            f"{settings.summariser_seconds:g} seconds for a summary", f"{_WHERE}.summariser_seconds",
            f"more than 0, and less than quiet_seconds of [guard] ({quiet_seconds:g}), after which an answer is given up",
            _DOCS,
        )  # fmt: skip
    return Endpoint(settings, _key(settings, given), counts)


def _key(settings: Reasoning, given: Mapping[str, str]) -> str:
    variable, file = settings.summariser_key_variable, settings.summariser_key_file
    if variable and file:
        raise BadConfiguration(
            "two keys of the summariser", f"{_WHERE}.summariser_key_file", "a variable or a file", _DOCS
        )
    key = given.get(variable, "").strip() if variable else keyfiles.text(Path(file), _A_KEY).strip() if file else ""
    if (variable or file) and not (key and key.isascii() and key.isprintable()):
        raise BadConfiguration("no key of the summariser there", variable or file, _A_KEY, _DOCS)
    return key
