"""The library of actors: good rows are kept, bad ones set aside with a reason, and none says where somebody comes from."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.attribution import library
from stillwatch.sharing.attribution.actors import NEVER, TYPES, right

GULL = {"id": "gull", "name": "Gull Works", "source": "casework", "grade": "B2"}
VALUE = {"type": "payment", "value": "4000-1"}
RELEASE = {"model": "g-1", "day": date(2026, 3, 3), "source": "their blog"}


def read(*actors: dict[str, Any], **parts: list[dict[str, Any]]) -> library.Library:
    return library.read({"actors": list(actors), **parts})


def why(found: library.Library) -> list[str]:
    return [f"{one.where}: {one.why}" for one in found.aside]


def test_a_library_is_read_whole() -> None:
    found = read(
        {**GULL, "indicators": [VALUE], "releases": [RELEASE], "sought": ["coding"], "reviewed": date(2026, 1, 1)},
        networks=[{"id": "harbour", "tenants": ["gull"], "source": "x", "grade": "C3", "indicators": [VALUE]}],
        corroborations=[{"campaign": "C-1", "actor": "gull", "source": "partner", "grade": "B2"}],
    )
    assert not found.aside
    (gull,), (network,), (said,) = found.actors, found.networks, found.corroborations
    assert (gull.indicators[0].source, gull.indicators[0].grade) == ("casework", "B2")  # as its actor's
    assert gull.releases[0].day == date(2026, 3, 3) and network.tenants == ("gull",) and said.origin == "partner"


@pytest.mark.parametrize("field", sorted(NEVER))
def test_a_row_that_says_where_somebody_comes_from_is_refused_and_the_next_one_stays(field: str) -> None:
    found = read({**GULL, "id": "heron", field.replace("_", "-").title(): "X"}, GULL)
    assert [one.id for one in found.actors] == ["gull"]
    assert why(found)[0].startswith("actors[0]: where somebody comes from is no part of an attribution")


BAD = [
    ({**GULL, "id": "unknown"}, "actors[0]: id 'unknown'"),
    ({**GULL, "id": "Gull"}, "actors[0]: id 'Gull'"),
    ({**GULL, "grade": "G2"}, "actors[0]: grade 'G2'; allowed: A to F and 1 to 6"),
    ({**GULL, "sought": ["magic"]}, "actors[0]: sought has a capability that no scan knows: magic"),
    ({**GULL, "colour": "grey"}, "actors[0]: no field colour; allowed: id, name"),
    ({"id": "gull"}, "actors[0]: source is missing"),
    ({**GULL, "indicators": [{"type": "country", "value": "X"}]}, "actors[0].indicators[0]: no type 'country'"),
    ({**GULL, "indicators": [{**VALUE, "country": "X"}]}, "actors[0].indicators[0]: where somebody comes from"),
    ({**GULL, "releases": [{**RELEASE, "day": "soon"}]}, "actors[0].releases[0]: day is no date"),
    ({**GULL, "indicators": 7}, "actors[0].indicators: not a list of tables"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "reason"), BAD, ids=[reason for _, reason in BAD])
def test_a_bad_row_is_set_aside_with_its_place_and_reason(row: dict[str, Any], reason: str) -> None:
    assert [one for one in why(read(row)) if one.startswith(reason)]


def test_a_bad_part_of_an_actor_costs_that_part_alone() -> None:
    (gull,) = read({**GULL, "indicators": [{"type": "payment"}, VALUE]}).actors
    assert [one.value for one in gull.indicators] == ["4000-1"]


def test_what_comes_back_from_ourselves_is_no_corroboration() -> None:
    said = {"campaign": "C-1", "actor": "gull", "source": "partner", "grade": "B2", "origin": "us"}
    found = read(GULL, corroborations=[said, {**said, "origin": "partner"}])
    assert len(found.corroborations) == 1 and "what comes back is no second source" in why(found)[0]


def test_a_second_actor_of_one_id_and_an_unknown_tenant_are_set_aside() -> None:
    network = {"id": "harbour", "tenants": ["heron"], "source": "x", "grade": "C3"}
    assert len(read(GULL, GULL, networks=[network]).aside) == 2


def test_the_worse_half_of_a_grade_decides() -> None:
    assert right("A6") == right("F1") == 0.4 and right("B2") == 0.8


def test_a_file_that_is_no_toml_is_an_error_that_says_what_is(tmp_path: Path) -> None:
    path = tmp_path / "actors.toml"
    path.write_text("[[actors")
    with pytest.raises(BadConfiguration, match="library of actors cannot be read"):
        library.load(path)


_WORDS = st.sampled_from(["", "gull", "B2", "type", "value", "tls", "country", "day", "id", "x" * 5000])
_ANY = st.recursive(
    st.none() | st.integers() | _WORDS | st.dates(),
    lambda some: st.lists(some, max_size=2) | st.dictionaries(_WORDS, some, max_size=3),
    max_leaves=6,
)
_FIELDS = st.sampled_from(["id", "name", "source", "grade", "indicators", "releases", "earlier", "tenants", "country"])


@given(
    st.dictionaries(st.sampled_from(["actors", "networks", "corroborations", "x"]), _ANY),
    st.dictionaries(_FIELDS, _ANY),
)
def test_whatever_a_file_holds_it_is_read_and_a_good_row_stays(document: dict[str, Any], row: dict[str, Any]) -> None:
    library.read(document)
    found = library.read({"actors": [row, {**GULL, "id": "the-good-one"}]})
    assert "the-good-one" in found.by_id()
    assert all(one.type in TYPES for actor in found.actors for one in actor.indicators)
