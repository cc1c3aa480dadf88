"""Signs in the address: what hides behind it, and where it contradicts what else was told.

Operators sign up through what hides where they are: servers, VPNs, Tor, and more and more residential proxies, which are
households' lines rented out. What a proxy does not change is the clock of the client: its time zone stays at home.

Innocent when: somebody uses a VPN (at work all do), Tor, or Apple's relay (a class of its own, and no sign), travels, or has
a household whose line is rented out without its knowing. Countries count only where two told ones differ, clocks only where
they are hours apart; none counts by itself. A language is no sign at all: it says where somebody grew up.
"""

from __future__ import annotations

from collections.abc import Callable

from stillwatch.verification.lists import Lists
from stillwatch.verification.signs.sign import Sign
from stillwatch.verification.signup import Signup

HOURS_APART = 2.0  # between two clocks: neighbours across a border, and a summer time read a day late, differ by one
_UTC = {"utc", "etc/utc", "gmt", "etc/gmt", "etc/universal", "universal", "zulu", "etc/zulu", "etc/uct", "uct"}


def _behind(network: str) -> Callable[[Signup, Lists], bool | None]:
    """Shows where the address is of this class of network; not known where nothing was told of an address."""
    return lambda signup, lists: signup.network == network if signup.address or signup.network else None


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
    Sign(
        "hosting_address",
        "place",
        _behind("hosting"),
        operators=0.25,  # servers are the cheapest addresses there are
        customers=0.03,  # developers on servers, companies whose VPN ends in a data centre
        phrase="the address is in a data centre",
        innocent="a developer on a server, or somebody behind a company's VPN",
    ),
    Sign(
        "vpn_address",
        "place",
        _behind("vpn"),
        operators=0.2,  # where the service is not offered at home, and to change addresses by the click
        customers=0.05,  # developers use VPNs more than others do
        phrase="the address is a VPN's",
        innocent="anybody who uses a VPN, at home or at work",
    ),
    Sign(
        "tor_address",
        "place",
        _behind("tor"),
        operators=0.02,  # slow, and refused in many places
        customers=0.001,  # some two million people use Tor each day, few of them to buy anything
        phrase="the address is a Tor exit",
        innocent="somebody with reasons to hide from others than the provider",
    ),
    Sign(
        "proxy_address",
        "place",
        _behind("proxy"),
        operators=0.05,  # public proxies are free and slow
        customers=0.003,  # proxies of schools and firms that are open by mistake
        phrase="the address is a public proxy's",
        innocent="somebody behind the proxy of a school or a firm",
    ),
    Sign(
        "residential_address",
        "place",
        _behind("residential"),
        operators=0.3,  # named by providers as what the large operations come through
        customers=0.01,  # exits are in homes, whose people and next holders of the address are customers too
        phrase="the address is known for residential proxies",
        innocent="a household whose line is rented out by a program on it, or that got the address after one",
    ),
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
