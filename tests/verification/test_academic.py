"""Domains that look like a university's and are not, against those that are one or are somebody else's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.verification.academic import Lookalikes

ACADEMIC = frozenset(
    {"stanford.edu", "uni-heidelberg.de", "tsinghua.edu.cn", "oxford.ac.uk", "central.edu", "mit.edu", "ucla.edu"}
)
OPEN = frozenset({"edu.kg", "academy", "ac"})


@pytest.mark.parametrize(
    ("domain", "resembles"),
    [
        ("uni-heidelburg.de", "uni-heidelberg.de"),  # another letter
        ("uni-heidleberg.de", "uni-heidelberg.de"),  # two letters in each other's place
        ("uniheidelberg.de", "uni-heidelberg.de"),  # one left out
        ("mail.uni-heidelbergg.de", "uni-heidelberg.de"),  # one too many, below it
        ("uni-heide1berg.de", "uni-heidelberg.de"),  # a digit like a letter
        ("un1-he1de1berg.de", ""),  # three of them, two of which are read as another letter
        ("xn--uni-heidelbrg-63k.de", "uni-heidelberg.de"),  # a Cyrillic letter, punycode
        ("stanford.edu.kg", "stanford.edu"),  # another suffix, open to anyone
        ("stanford.academy", "stanford.edu"),
        ("stanford-edu.com", "stanford.edu"),  # a word added
        ("stanfordstudents.org", "stanford.edu"),
        ("mail-stanford.net", "stanford.edu"),
        ("stanford.edu.login.example", "stanford.edu"),  # the name in front of somebody else's
        ("stanford.com", ""),  # the same name, and says nothing of a school
        ("stanfrod.edu", ""),  # mistyped: nobody gets mail there
        ("tsinghua.edu.pk", ""),  # a registry that checks
        ("centralcollege.com", ""),  # an ordinary word
        ("mit-edu.com", ""),  # too short to tell
        ("ucla-edu.com", "ucla.edu"),
        ("uclacampus.com", ""),
        ("example.com", ""),
        ("a", ""),
    ],
)
def test_look_alikes(domain: str, resembles: str) -> None:
    assert Lookalikes(ACADEMIC, OPEN).of(domain) == resembles


@pytest.mark.parametrize(
    ("domain", "says"),
    [
        ("my-university.com", True),
        ("edu-portal.net", True),
        ("x.ac.zz", True),
        ("x.edu.kg", True),
        ("students.example", True),
        ("education.example", False),
        ("reduction.example", False),
        ("company.example", False),
    ],
)
def test_domains_that_say_they_are_a_schools(domain: str, says: bool) -> None:
    assert Lookalikes(ACADEMIC, OPEN).says_academic(domain) is says


LETTERS = st.sampled_from("abcde-")


@given(st.text(LETTERS, min_size=8, max_size=12), st.integers(0, 11), LETTERS, st.sampled_from("sidt"))
def test_every_single_edit_is_found(label: str, place: int, letter: str, edit: str) -> None:
    place %= len(label)
    head, tail = label[:place], label[place:]
    edited = {
        "s": head + letter + tail[1:],
        "i": head + letter + tail,
        "d": head + tail[1:],
        "t": head + tail[1::-1] + tail[2:],
    }[edit]
    found = Lookalikes(frozenset({f"{label}.de"}), OPEN).of(f"{edited}.de")
    assert found == (f"{label}.de" if len(edited) >= 8 else "")


@pytest.mark.parametrize(
    "other", ["abcdxyfgh.de", "bacdefgh-.de", "abcdefg.fr", "abcd.de", "abcdefghij.de", "badcefgh.de"]
)
def test_nothing_further_away_is(other: str) -> None:
    assert Lookalikes(frozenset({"abcdefgh.de"}), OPEN).of(other) == ""
