"""The same on PostgreSQL, where it is the database that makes several writers wait for each other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from postgres_here import PostgresHere

from tests.sharing.taxii import test_standard as standard
from tests.sharing.taxii.taxii_here import Here, here
from tests.sharing.taxii.test_store import paged_while_written


def test_a_reader_misses_nothing_while_several_processes_write(postgres: PostgresHere) -> None:
    found, written = paged_while_written(postgres.database(), processes=2, posts=6)
    assert len(found) == len(set(found)) == written


@pytest.mark.parametrize(
    "same",
    [
        standard.test_3_7_objects_come_back_as_they_were_sent,
        standard.test_4_3_the_status_of_a_post,
        standard.test_4_3_a_large_post_is_pending_first,
        standard.test_5_5_what_is_there_already_is_no_failure,
        standard.test_5_7_what_is_deleted_is_gone,
    ],
    ids=lambda test: test.__name__.removeprefix("test_"),
)
def test_the_standard(postgres: PostgresHere, same: Callable[[Here], None]) -> None:
    with here(postgres.database()) as taxii:
        same(taxii)


def test_a_text_that_no_database_keeps_is_a_failure_of_its_object_alone(postgres: PostgresHere) -> None:
    with here(postgres.database()) as taxii:
        told = taxii.post({"type": "indicator", "id": "a\0b", "modified": "\0"})
        assert (told["failure_count"], told["failures"][0]["id"]) == (1, "a\N{REPLACEMENT CHARACTER}b")
        assert taxii.get("match%5Btype%5D=a%00b").status == taxii.get("next=%00").status == 400
