"""Signs in the address: what hides behind it, and where it contradicts what else was told.

Operators sign up through what hides where they are: servers, VPNs, Tor, and more and more residential proxies, which are
households' lines rented out. What a proxy does not change is the clock of the client: its time zone stays at home.

Innocent when: somebody uses a VPN (at work all do), Tor, or Apple's relay (a class of its own, and no sign), travels, or has
a household whose line is rented out without its knowing. Countries count only where two told ones differ, clocks only where
they are hours apart; none counts by itself. A language is no sign at all: it says where somebody grew up.
"""

from __future__ import annotations

from stillwatch.verification.lists import Lists
from stillwatch.verification.signs.sign import Sign
from stillwatch.verification.signup import Signup

HOURS_APART = 2.0  # between two clocks: neighbours across a border, and a summer time read a day late, differ by one
_UTC = {"utc", "etc/utc", "gmt", "etc/gmt", "etc/universal", "universal", "zulu", "etc/zulu", "etc/uct", "uct"}


def _network(name: str) -> Sign:
    def shows(signup: Signup, lists: Lists) -> bool | None:
        return signup.network == name if signup.address or signup.network else None

    operators, customers, phrase, innocent = _HIDES[name]
    return Sign(f"{name}_address", "place", shows, operators, customers, phrase, innocent)


_HIDES = {
    # Share of operators' and of customers' sign-ups. Developers sign up from servers and through VPNs: one in twelve or so.
    "hosting": (0.25, 0.03, "the address is in a data centre", "a developer on a server, or a company's VPN in a data centre"),
    "vpn": (0.2, 0.05, "the address is a VPN's", "anybody who uses a VPN, at home or at work"),
    # Tor: the network has some two million users a day, out of five billion; few of them buy anything over it.
    "tor": (0.02, 0.001, "the address is a Tor exit", "somebody who has reasons to hide from others than the provider"),
    "proxy": (0.05, 0.003, "the address is a public proxy's", "somebody behind a proxy of a school, a firm or a country"),
    # Proxies' exits are in people's homes: their lists are wrong about the neighbour who gets the address next.
    "residential": (
        0.3,
        0.01,
        "the address is known for residential proxies",
        "a household whose line is rented out by a program on it, or that got the address after one",
    ),
}  # fmt: skip


def _differs(signup: Signup, lists: Lists) -> bool | None:
    if not (signup.country and signup.declared_country):
        return None
    return signup.country != signup.declared_country


def _clock(signup: Signup, lists: Lists) -> bool | None:
    if not (signup.timezone and signup.country) or signup.timezone.lower() in _UTC:
        return None
    apart = lists.zones.apart(signup.timezone, signup.country, signup.at)
    return None if apart is None else apart >= HOURS_APART


def _servers_clock(signup: Signup, lists: Lists) -> bool | None:
    if not signup.timezone:
        return None
    return signup.timezone.lower() in _UTC


ALL = (
    *(_network(name) for name in _HIDES),
    Sign(
        "address_elsewhere",
        "place",
        _differs,
        operators=0.3,  # one declaration for all accounts, addresses wherever the proxies are
        customers=0.06,  # travel, people who live abroad, VPNs
        phrase="the address is in another country than was declared",
        innocent="somebody who travels, lives abroad or uses a VPN",
    ),
    Sign(
        "clock_elsewhere",
        "place",
        _clock,
        operators=0.3,  # a proxy changes the address and leaves the clock; better tools change both
        customers=0.03,  # travellers' telephones change with them, VPNs do not change a clock
        phrase="the client's clock is hours away from any clock of the address's country",
        innocent="somebody who uses a VPN, or travels with a computer whose clock stayed at home",
    ),
    Sign(
        "servers_clock",
        "place",
        _servers_clock,
        operators=0.15,  # browsers in containers, where nobody set a zone
        customers=0.01,  # browsers that resist fingerprints say UTC to all; people who work on servers
        phrase="the client's clock is UTC, as servers' are",
        innocent="somebody whose browser hides its time zone, or who likes UTC",
    ),
)
