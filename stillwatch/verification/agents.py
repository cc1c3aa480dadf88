"""What a user agent says of the client that signed up: product, major version and system, in one short text.

    Chrome/126 Windows      Safari/17 iOS      python-requests/2 -      HeadlessChrome/126 Linux      Chrome/126 Windows Mobile

A `-` stands where no system is named. `Mobile` behind a desktop's system is a contradiction that the text itself contains:
browsers write it for telephones alone.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from stillwatch.exchanges import client

_CACHED = 1 << 14  # user agents remembered: a few hundred make up nearly all traffic
_DIGEST = 16  # hexadecimal digits, 64 bits: among ten million user agents two agree with probability 1 in 370,000

# Programs that drive a browser and say so, whatever the browser calls itself besides.
_DRIVERS = re.compile(
    r"\b(PhantomJS|Selenium|Puppeteer|Playwright|HtmlUnit|Splash|Nightmare|Cypress)\b/?(\d+)?", re.IGNORECASE
)
_SYSTEMS = (
    ("iOS", re.compile(r"\b(iPhone|iPad|iPod)\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("macOS", re.compile(r"\b(Macintosh|Mac OS X|macOS|[Dd]arwin)\b")),
    ("Linux", re.compile(r"\b(Linux|X11|linux)\b")),
)
_HANDHELD = {"iOS", "Android"}
_MOBILE = re.compile(r"\bMobile\b")
NO_SYSTEM = "-"


@lru_cache(maxsize=_CACHED)
def described(agent: str) -> tuple[str, str]:
    """Client in the form above, and a digest of the whole; both empty for an empty user agent."""
    if not agent:
        return "", ""
    digest = hashlib.sha256(agent.encode()).hexdigest()[:_DIGEST]
    driver = _DRIVERS.search(agent)
    product, version = (driver[1], driver[2]) if driver else client(agent)
    if product is None:
        return "", digest
    major = (version or "").partition(".")[0]
    system = next((name for name, pattern in _SYSTEMS if pattern.search(agent)), NO_SYSTEM)
    phone = agent.startswith("Mozilla/") and system not in _HANDHELD and _MOBILE.search(agent)
    return f"{product}{'/' + major if major else ''} {system}{' Mobile' if phone else ''}", digest


def parts(described_client: str) -> tuple[str, int | None, str, bool]:
    """Product, major version, system, and whether a desktop's system claims to be a telephone."""
    words = described_client.split(" ")
    product, _, major = words[0].partition("/")
    system = words[1] if len(words) > 1 and words[1] != NO_SYSTEM else ""
    return product, int(major) if major.isdecimal() else None, system, words[-1] == "Mobile"
