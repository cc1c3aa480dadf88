"""Values of JSON, counted in its bytes: those between texts count, and those within them do not."""

from __future__ import annotations

import pytest

from stillwatch.sharing.stix.bounded import too_many_values
from stillwatch.sharing.stix.limits import Limits


@pytest.mark.parametrize(
    ("document", "too_many"),
    [
        (b"[" + b"1," * 98 + b"1]", False),
        (b"[" + b"1," * 100 + b"1]", True),
        (b"[" + b"[]," * 50 + b"[]]", True),
        (b'{"text": "' + b"[{,}]" * 1_000 + b'"}', False),
        (b'{"text": "\\"' + b"," * 1_000 + b'"}', False),
        (b"", False),
    ],
)
def test_more_than_a_hundred(document: bytes, too_many: bool) -> None:
    assert too_many_values(document, Limits(values=100)) is too_many
