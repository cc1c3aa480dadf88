"""Domains that look like a university's and are not, against those that are one or are somebody else's."""

from __future__ import annotations

import pytest

from stillwatch.verification.academic import Lookalikes

ACADEMIC = frozenset({"stanford.edu", "uni-heidelberg.de", "tsinghua.edu.cn", "oxford.ac.uk", "central.edu", "mit.edu"})
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
