"""CEL expressions compiled by a library: Google's cel-cpp, or where its wheel is missing an interpreter written in Rust.

The first knows the type of every fact, so that a misspelt name or a text compared with a number is an error when the policy is
read. The second finds only what a trial evaluation finds (docs/decisions/0018-guard.md has the times of both).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from stillwatch.errors import EngineMissing
from stillwatch.guard.facts import FACTS, NOTHING_KNOWN

Asked = Callable[[Mapping[str, Any]], Any]  # facts → value; raises when there is none
Compile = Callable[[str, bool], Asked]


class NoCondition(Exception):
    """What is wrong with a text that should be an expression."""


def compiled(text: str, flag: bool = False) -> Asked:
    """The expression; `flag` if it has to be true or false. NoCondition if it is none."""
    return _library()(text, flag)


@cache
def _library() -> Compile:
    for library in (_cpp, _rust):
        try:
            return library()
        except ImportError:
            continue
    raise EngineMissing(
        "conditions of policies need a library",
        "cel-expr-python",
        "stillwatch[guard]",
        "pip install 'stillwatch[guard]'",
    )


def _cpp() -> Compile:
    from cel_expr_python import cel

    types = {
        "text": cel.Type.STRING, "number": cel.Type.DOUBLE, "whole": cel.Type.INT, "flag": cel.Type.BOOL,
        "texts": cel.Type.List(cel.Type.STRING),
    }  # fmt: skip
    environment = cel.NewEnv(variables={one.name: types[one.kind] for one in FACTS})

    def compile_one(text: str, flag: bool) -> Asked:
        try:
            expression = environment.compile(text)
        except RuntimeError as problem:
            raise NoCondition(_said(problem)) from None
        if flag and expression.return_type() != cel.Type.BOOL:
            raise NoCondition(f"its value is {expression.return_type().name().lower()}, and not true or false")
        evaluate = expression.eval

        def ask(facts: Mapping[str, Any]) -> Any:
            value = evaluate(data=facts)
            if value.type() == cel.Type.ERROR:
                raise ArithmeticError(value.value())
            return value.plain_value()

        return ask

    return compile_one


def _rust() -> Compile:
    import cel

    def compile_one(text: str, flag: bool) -> Asked:
        try:
            program = cel.compile(text)
            value = program.execute(_nested(_TRIAL))
        except Exception as problem:  # of several kinds, RuntimeError and ValueError among them
            raise NoCondition(_said(problem)) from None
        if flag and not isinstance(value, bool):
            raise NoCondition(f"its value is {value!r}, and not true or false")
        return lambda facts: program.execute(_nested(facts))

    return compile_one


# It has no value for a comparison with NaN, where cel-cpp says false: such a condition does not apply either.
_TRIAL = {name: 0.0 if value != value else value for name, value in NOTHING_KNOWN.items()}


def _nested(facts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`account.score` as the entry `score` of `account`."""
    nested: dict[str, dict[str, Any]] = {}
    for name, value in facts.items():
        group, _, own = name.partition(".")
        nested.setdefault(group, {})[own] = value
    return nested


def _said(problem: Exception) -> str:
    """The first line of what the library says, without its codes."""
    return str(problem).splitlines()[0].removeprefix("INVALID_ARGUMENT: ERROR: ").removeprefix("<input>:")
