"""Members of objects changed in their bytes: what is not changed stays to the byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.guard.members import GONE, First, Last, Longer, Path, added, changed


@pytest.mark.parametrize(
    ("text", "changes", "told"),
    [
        ('{"a":1,"b":2,"c":3}', {("b",): 9}, '{"a":1,"b":9,"c":3}'),
        ('{"a":1,"b":2,"c":3}', {("b",): GONE}, '{"a":1,"c":3}'),
        ('{"a":1,"b":2,"c":3}', {("a",): GONE, ("b",): GONE}, '{"c":3}'),
        ('{"a":1,"b":2,"c":3}', {("b",): GONE, ("c",): GONE}, '{"a":1}'),
        ('{ "a" : 1 }', {("a",): GONE}, "{  }"),
        ('{ "a" : 1 }', {("a",): GONE, ("d",): {"e": 1}}, '{ "d":{"e":1} }'),
        ("{}", {("d",): 1}, '{"d":1}'),
        ('\n{"a": 1}\n', {("d",): 1}, '\n{"a": 1,"d":1}\n'),
        ('{"a":1,"d":2}', {("b",): GONE}, '{"a":1,"d":2}'),
        (
            '{ "a" : 123456789012345678901234567890, "b" : 1.0, "c" : 1E2, "d" : "\\u00e9\\/é" , "n" : 5 }',
            {("n",): 1},
            '{ "a" : 123456789012345678901234567890, "b" : 1.0, "c" : 1E2, "d" : "\\u00e9\\/é" , "n" : 1 }',
        ),
        ('{"a":{"b":[{"n":1}],"n":2},"n":3}', {("a", "n"): 7}, '{"a":{"b":[{"n":1}],"n":7},"n":3}'),
        ('{"a":{"b":{"c":1,"d":2}}}', {("a", "b", "c"): GONE, ("a", "e"): 1}, '{"a":{"b":{"d":2},"e":1}}'),
        ('{"a":[1]}', {("a", "b"): 1}, '{"a":[1]}'),
        ('{"n":1,"m":2,"n":3}', {("m",): 4}, '{"m":4,"n":3}'),
        ('{"\\u006e":1,"m":"}{,\\""}', {("n",): GONE}, '{"m":"}{,\\""}'),
        (
            '{"a": [ {"b":1.0}, [2, {"b":"]"}] ],"c":3}',
            {("a", 1, 1, "b"): 4},
            '{"a": [ {"b":1.0}, [2, {"b":4}] ],"c":3}',
        ),
        ('{"a":[1,{"b":1e2}]}', {("a", 0): "x", ("a", 1, "b"): GONE, ("a", 2): 3}, '{"a":["x",{}]}'),
        ('{"a":[ ]}', {("a", 0, "b"): 1}, '{"a":[ ]}'),
    ],
)
def test_changes(text: str, changes: dict[Path, Any], told: str) -> None:
    assert changed(text.encode(), changes).decode() == told


@pytest.mark.parametrize(
    ("text", "told"),
    [("{}", '{"d":1}'), ("{ }", '{ "d":1}'), ('{"a":"{"}\n', '{"a":"{","d":1}\n')],
)
def test_added(text: str, told: str) -> None:
    assert added(text.encode(), {"d": 1}).decode() == told


names = st.text(alphabet='abn"\\é\n', max_size=3)
values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(allow_nan=False), st.text(max_size=6)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(
    st.dictionaries(names, values, max_size=5),
    st.dictionaries(names, st.one_of(st.just(GONE), st.integers(0, 9), st.text(max_size=3)), max_size=3),
    st.sampled_from([(",", ":"), (" ,\n ", " : "), (", ", ": ")]),
    st.booleans(),
)
def test_any_object_has_the_changes_and_nothing_else(
    body: dict[str, Any], changes: dict[str, Any], separators: tuple[str, str], ascii_only: bool
) -> None:
    def written(value: Any) -> str:
        return json.dumps(value, separators=separators, ensure_ascii=ascii_only, allow_nan=True)

    text = written(body).replace("Infinity", "1e999")
    made = changed(text.encode("utf-8", "surrogatepass"), {(name,): value for name, value in changes.items()}).decode()
    kept = {name: changes.get(name, value) for name, value in body.items() if changes.get(name) is not GONE}
    new = {name: value for name, value in changes.items() if name not in body and value is not GONE}
    assert list(json.loads(made).items()) == list((kept | new).items())
    untouched = [f"{written(name)}{separators[1]}{written(body[name])}" for name in kept if name not in changes]
    place = 0
    for member in untouched:
        place = made.index(member.replace("Infinity", "1e999"), place) + 1


@pytest.mark.parametrize(
    ("text", "changes", "told"),
    [
        ('{"a":"x\\u00e9\\/"}', {("a",): Longer('"y\n')}, '{"a":"x\\u00e9\\/\\"y\\n"}'),
        ('{"a":"\\ud83d"}', {("a",): Longer("y")}, '{"a":"\\ud83dy"}'),
        ('{"a": [1 , 2 ]}', {("a",): First("é")}, '{"a": ["é",1 , 2 ]}'),
        ('{"a": [1 , 2 ]}', {("a",): Last({"b": 1})}, '{"a": [1 , 2 ,{"b":1}]}'),
        ('{"a":[ ]}', {("a",): First(0)}, '{"a":[0 ]}'),
        ('{"a":[]}', {("a",): Last(0)}, '{"a":[0]}'),
        ('{"a":[{"b":"x"},{"b":"y"}]}', {("a", 1, "b"): Longer("z")}, '{"a":[{"b":"x"},{"b":"yz"}]}'),
        ('{"a":[{"b":1}]}', {("a",): First(0), ("a", 0, "b"): 2}, '{"a":[0,{"b":2}]}'),
        ('{"a":5,"b":{}}', {("a",): Longer("x"), ("b",): First(1)}, '{"a":5,"b":{}}'),
        ('{"a":5,"a":"x"}', {("a",): Longer("y")}, '{"a":"xy"}'),
    ],
)
def test_values_become_longer_where_they_stand(text: str, changes: dict[Any, Any], told: str) -> None:
    assert changed(text.encode(), changes).decode() == told


@given(text=st.text(), more=st.text(alphabet=st.characters(exclude_categories=["Cs"])), ascii=st.booleans())
def test_a_text_that_becomes_longer_is_both_texts(text: str, more: str, ascii: bool) -> None:
    body = json.dumps({"a": text}, ensure_ascii=ascii).encode("utf-8", "replace")
    before = json.loads(body)["a"]
    assert json.loads(changed(body, {("a",): Longer(more)})) == {"a": before + more}
