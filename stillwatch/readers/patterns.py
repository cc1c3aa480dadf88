"""STIX patterns of the simple kind, read in one pass: whatever a pattern is made of, its length alone is what it takes.

Simple means values that can be looked up one by one: equality, OR between equalities, brackets around either, and OR between
observations. One AND is simple as well, the one by which MISP says an address: what it is, and its value, of the same thing.
"""

from __future__ import annotations

import re

MOST_CHARACTERS = 65_536  # of a pattern: a thousand addresses take half of that
MOST_VALUES = 5_000  # of a pattern
_OWN_TYPE = "x-stillwatch"
_VALUED = {"ipv4-addr", "ipv6-addr", "domain-name", "email-addr", "url", "mac-addr"}  # what they are is their `value`
_DEEPEST = 16  # brackets: writers that add one around each comparison use two or three
# Possessive throughout: no token is ever read twice.
_TOKEN = re.compile(
    r"(?P<path>[a-z][a-z0-9-]*+:[\w.*'-]++(?:\[[\w*]*+\][\w.*'-]*+)*+)"
    r"|(?P<text>'[^'\\]*+(?:\\.[^'\\]*+)*+')"
    r"|(?P<number>-?[0-9]++(?![\w.]))"
    r"|(?P<word>[A-Z]++)"
    r"|(?P<mark>[\[\]()=])",
    re.DOTALL | re.ASCII,
)
_SPACE = re.compile(r"\s*+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

_VALUES = ("text", "number")  # kinds of token that a property is compared with
_OPENED_BY = {"]": "[", ")": "("}

_Token = tuple[str, str]  # kind, and what it says
_Pair = tuple[str, str]  # path of a property, and the value it must have


class _NotSimple(Exception):
    pass


def compared(pattern: str) -> list[tuple[str, str]]:
    """The (type, value) pairs of a simple pattern, each once; none when it is not simple."""
    if len(pattern) > MOST_CHARACTERS:
        return []
    try:
        alternatives = _alternatives(_tokens(pattern))
        return list(dict.fromkeys(_meant(one) for one in alternatives))
    except _NotSimple:
        return []


def _tokens(pattern: str) -> list[_Token]:
    tokens, at = [], _after_space(pattern, 0)
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if found is None or found.lastgroup is None:
            raise _NotSimple
        tokens.append((found.lastgroup, found.group()))
        at = _after_space(pattern, found.end())
    return tokens


def _after_space(pattern: str, at: int) -> int:
    space = _SPACE.match(pattern, at)
    return at if space is None else space.end()


def _alternatives(tokens: list[_Token]) -> list[list[_Pair]]:
    """What may be seen, as a list of what must be seen together. AND binds closer than OR, and brackets end neither here."""
    alternatives: list[list[_Pair]] = [[]]
    open_: list[str] = []
    at = 0
    before = ("", "")
    while at < len(tokens):
        kind, text = tokens[at]
        ready = before[0] in _VALUES or before[1] in (")", "]")  # something to compare with stands before this
        if text in ("[", "(") and kind == "mark" and not ready and before[1] != "AND" and len(open_) < _DEEPEST:
            if text == "[" and "[" in open_:
                raise _NotSimple
            open_.append(text)
        elif text in ("]", ")") and kind == "mark" and ready and open_ and open_.pop() == _OPENED_BY[text]:
            pass
        elif (kind, text) == ("word", "OR") and ready:
            alternatives.append([])
        elif (kind, text) == ("word", "AND") and before[0] in _VALUES:
            pass
        elif kind == "path" and not ready and "[" in open_:
            at += 2
            alternatives[-1].append((text, _value(tokens[at - 1 : at + 1])))
            if len(alternatives) > MOST_VALUES or len(alternatives[-1]) > 2:
                raise _NotSimple
        else:
            raise _NotSimple
        before = tokens[at]
        at += 1
    if open_ or before[1] not in _OPENED_BY:
        raise _NotSimple
    return alternatives


def _value(after: list[_Token]) -> str:
    """What a property is compared with."""
    if len(after) < 2 or after[0] != ("mark", "=") or after[1][0] not in _VALUES:
        raise _NotSimple
    if after[1][0] == "number":
        return after[1][1]
    return _ESCAPED.sub(r"\1", after[1][1][1:-1])


def _meant(together: list[_Pair]) -> tuple[str, str]:
    """Type and value of what must be seen together."""
    if len(together) == 1:
        ((path, value),) = together
        kind, _, name = path.partition(":")
        if kind == _OWN_TYPE:
            return name, value
        if kind in _VALUED and name != "value":
            raise _NotSimple
        return kind, value
    said = dict(together)
    for path, kind in together:
        thing = path.removesuffix(".type")
        if path.endswith(".type") and len(said) == 2 and f"{thing}.value" in said and kind in _VALUED:
            return kind, said[f"{thing}.value"]
    raise _NotSimple
