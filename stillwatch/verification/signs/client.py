"""Signs in the client: a browser that is driven by a program, no browser at all, and browsers that never were.

A person signs up with a browser or the provider's own application. Farms use browsers without a window, which say so unless
told otherwise, plain HTTP libraries, and user agents out of a list: too old, not yet released, or of a system that the
browser is not made for.

Innocent when: somebody tests a sign-up page, has an old computer that gets no newer browser, or sends a false user agent for
privacy. Whether a TLS fingerprint fits its browser is counted over all sign-ups elsewhere; here stands what one sign-up
shows alone.
"""

from __future__ import annotations

from stillwatch.verification.agents import parts
from stillwatch.verification.lists import Lists
from stillwatch.verification.signs.sign import Sign
from stillwatch.verification.signup import Signup

_DRIVEN = {
    "headlesschrome",
    "phantomjs",
    "selenium",
    "puppeteer",
    "playwright",
    "htmlunit",
    "splash",
    "nightmare",
    "cypress",
}
# HTTP libraries and tools as they name themselves. Not okhttp or CFNetwork: applications on telephones are built on them.
_LIBRARIES = {
    "python-requests", "python-urllib", "python-httpx", "aiohttp", "python", "scrapy", "curl", "wget", "go-http-client",
    "axios", "node-fetch", "node", "undici", "got", "java", "apache-httpclient", "libwww-perl", "ruby", "faraday",
    "guzzlehttp", "php", "postmanruntime", "insomnia", "httpie", "dart", "reqwest", "mechanize", "restsharp",
}  # fmt: skip

# Chrome 100 came out on 29 March 2022, Chrome 153 on 8 September 2026, and from then on one comes every two weeks (Chromium
# blog). Edge has the same numbers in the same weeks, Firefox nearly: its 100 came on 3 May 2022, one every four weeks.
_NUMBERED = {"Chrome", "HeadlessChrome", "Edge", "Firefox"}
_DAY_S = 86_400.0
_START_S = 1_648_512_000.0  # 2022-03-29
_START_VERSION = 100
_FASTEST_DAYS = 14.0  # between two versions, ever
_SLOWEST_DAYS = 42.0  # between two versions, ever
_AHEAD_DAYS = 90.0  # canaries and nightly builds are up to three months ahead
_OLD_DAYS = 1_096.0  # three years: long-term releases are supported for one, old systems' last browsers for two more
_MADE_FOR = {"Safari": {"iOS", "macOS"}, "SamsungBrowser": {"Android", "Linux"}}  # Safari for Windows ended in 2012


def _driven(signup: Signup, lists: Lists) -> bool | None:
    return parts(signup.client)[0].lower() in _DRIVEN if signup.client else None


def _library(signup: Signup, lists: Lists) -> bool | None:
    return parts(signup.client)[0].lower() in _LIBRARIES if signup.client else None


def _impossible(signup: Signup, lists: Lists) -> bool | None:
    if not signup.client:
        return None
    product, major, system, desktop_phone = parts(signup.client)
    if desktop_phone or (system and system not in _MADE_FOR.get(product, {system})):
        return True
    newest = _START_VERSION + (signup.at + _AHEAD_DAYS * _DAY_S - _START_S) / _DAY_S / _FASTEST_DAYS
    return product in _NUMBERED and major is not None and signup.at > _START_S and major > newest


def _outdated(signup: Signup, lists: Lists) -> bool | None:
    product, major, _, _ = parts(signup.client)
    if product not in _NUMBERED or major is None:
        return None
    return major < _START_VERSION + (signup.at - _OLD_DAYS * _DAY_S - _START_S) / _DAY_S / _SLOWEST_DAYS


ALL = (
    Sign(
        "driven_browser",
        "client",
        _driven,
        operators=0.1,  # only the careless leave the name in
        customers=0.0005,  # tests of one's own sign-up, assistants that sign up for somebody
        phrase="the client is a browser driven by a program",
        innocent="somebody who lets an assistant sign up, or tests something",
    ),
    Sign(
        "library_client",
        "client",
        _library,
        operators=0.1,  # the cheapest way, where the sign-up page lets it through
        customers=0.001,  # a company that signs its people up by program
        phrase="the client is an HTTP library, no browser",
        innocent="a company or reseller that makes its accounts by program",
    ),
    Sign(
        "impossible_client",
        "client",
        _impossible,
        operators=0.05,  # user agents made up or pieced together
        customers=0.0005,  # tools that send a false user agent for privacy
        phrase="the client names itself as a browser that does not exist",
        innocent="somebody whose browser sends a false name for privacy",
    ),
    Sign(
        "outdated_client",
        "client",
        _outdated,
        operators=0.15,  # lists of user agents are years old
        customers=0.015,  # old computers and telephones that get nothing newer
        phrase="the client is a browser of more than three years ago",
        innocent="somebody with an old computer or telephone",
    ),
)
