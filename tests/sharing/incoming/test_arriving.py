"""What of a document would be taken: by version, by what its source may say, and how much of it in a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sharing.incoming.told_here import SOURCES, Told, indicator, made, opinion, refused, source
from stillwatch.errors import BadConfiguration
from stillwatch.sharing.incoming.kinds import spelled
from stillwatch.sharing.incoming.sources import load


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    found = Told(tmp_path)
    yield found
    found.store.__exit__()


def test_the_same_again_changes_nothing(told: Told) -> None:
    given = (indicator("one"), made("campaign", "night", name="Night"))
    first, second = told("a", *given), told("a", *given)
    assert (first.new, first.known, second.new, second.known) == ({"indicator": 1, "campaign": 1}, 0, {}, 2)
    assert told("b", *given).new == first.new  # of another source it is another word


def test_versions(told: Told) -> None:
    told("a", indicator("one"))
    assert refused(told("a", indicator("one", days=-30.0))) == {"modified": 1}  # older than what is known
    assert refused(told("a", indicator("one", confidence=1))) == {"id": 1}  # another content in the same version
    assert told("a", indicator("one", days=-0.5)).newer == {"indicator": 1}
    assert refused(told("a", indicator("one", days=900.0))) == {"modified": 1}  # would outlive every later one


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (indicator("x", "h", "file:hashes.MD5"), "pattern"),  # a kind that no account shows
        (indicator("x", "127.0.0.1", "ipv4-addr:value"), "pattern"),  # everybody's
        (indicator("x", "no address", "ipv4-addr:value"), "pattern"),
        (indicator("x", pattern="[a:b = 'x' AND c:d = 'y']"), "pattern"),
        (indicator("x", pattern="alert tcp any any", pattern_type="snort"), "pattern_type"),
    ],
)
def test_what_cannot_be_looked_up_is_told_and_not_kept(told: Told, given: dict[str, object], what: str) -> None:
    found = told("a", given, indicator("good", "203.0.113.7", "ipv4-addr:value"))
    assert refused(found) == {what: 1} and found.values == {"ipv4-addr": 1}


def test_a_source_speaks_of_what_it_may(tmp_path: Path) -> None:
    few = replace(source("few"), kinds=frozenset({"tls"}))
    told = Told(tmp_path, replace(SOURCES, known={"few": few}))
    found = told("few", indicator("one", "t"), indicator("two", "d.example", "domain-name:value"))
    assert refused(found) == {"pattern": 1} and list(told.believed()) == ["t"]


def test_so_many_a_day(tmp_path: Path) -> None:
    told = Told(tmp_path, replace(SOURCES, known={"busy": source("busy", most_a_day=3)}))
    found = told("busy", *(indicator(f"i{n}", f"v{n}") for n in range(5)), opinion("o", indicator("i0")))
    assert found.new == {"indicator": 3, "opinion": 1} and refused(found) == {"indicator": 2}
    assert refused(told("busy", indicator("i9", "v9"), days=-0.9)) == {"indicator": 1}
    assert told("busy", indicator("i9", "v9"), days=0.5).new == {"indicator": 1}  # another day
    withdrawn = indicator("i1", "v1", days=-0.8, revoked=True)
    assert told("busy", withdrawn, days=-0.8).withdrawn == 1  # is taken however much there was


def test_forgotten_and_told_again(told: Told) -> None:
    told("a", indicator("one", "v"), indicator("two", "w"))
    assert told.store.forget("indicator--0", "me", 0.0) == 0
    assert told.store.forget(indicator("one")["id"], "me", 0.0) == 1 and list(told.believed()) == ["w"]
    assert told.store.forget("a", "me", 0.0) == 1 and told.believed() == {}
    assert told("a", indicator("one", "v")).new == {"indicator": 1}


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("ipv4-addr", " 203.0.113.7 ", "203.0.113.7"),
        ("ipv6-addr", "2001:DB8::0:1", "2001:db8::1"),
        ("ipv6-addr", "::ffff:203.0.113.7", "203.0.113.7"),
        ("ipv4-addr", "203.0.113.0/24", ""),
        ("ipv4-addr", "10.1.2.3", ""),
        ("ipv6-addr", "fe80::1", ""),
        ("domain-name", "Mail.Example.", "mail.example"),
        ("email-addr", "A@B.Example", "a@b.example"),
        ("payment", " card 1 ", "card 1"),
        ("tls", "x" * 5_000, ""),
    ],
)
def test_values_are_spelled_in_one_way(kind: str, given: str, value: str) -> None:
    assert spelled(kind, given) == value


GOOD = """
[ours]
identities = ["identity--00000000-0000-4000-8000-000000000001"]
[sources.north]
name = "North"
trust = 0.7
kinds = ["tls"]
most_a_day = 5
[sources.feed]
trust = 0
"""


def test_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(GOOD)
    found = load(tmp_path)
    north, feed = found.one("north"), found.one("feed")
    assert (north.name, north.trust, north.kinds, north.most_a_day) == ("North", 0.7, {"tls"}, 5)
    assert feed.trust == 0.0 and "payment" in feed.kinds and len(found.ours) == 1
    with pytest.raises(BadConfiguration, match="no source 'south'"):
        found.one("south")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[sources.a]\nname = 'a'", "without trust"),
        ("[sources.a]\ntrust = 1.0", "trust 1.0"),
        ("[sources.a]\ntrust = -0.1", "trust -0.1"),
        ("[sources.a]\ntrust = nan", "trust nan"),
        ("[sources.a]\ntrust = true", "not of the right type"),
        ("[sources.a]\ntrust = '0.7'", "not of the right type"),
        ("[sources.a]\ntrust = 0.7\nkinds = ['file']", "no such kind"),
        ("[sources.a]\ntrust = 0.7\nkinds = [[]]", "no such kind"),
        ("[sources.a]\ntrust = 0.7\nidentities = ['north']", "no list of ids"),
        ("[sources.a]\ntrust = 0.7\nsigned = true", "no keys to tell by"),
        ("[sources.a]\ntrust = 0.7\nlifetime_days = 0", "lifetime_days"),
        ("[sources.a]\ntrust = 0.7\nmost = 5", "most is not known"),
        ("sources = 3", "not understood"),
        ("[partners.a]\ntrust = 0.7", "not understood"),
        ("[ours]\nname = 'we'", "not understood"),
        ("trust = ", "cannot be read"),
    ],
)
def test_sources_that_are_wrong(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "sources.toml").write_text(text)
    with pytest.raises(BadConfiguration, match=what):
        load(tmp_path)
