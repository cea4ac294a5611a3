"""Operators that a station refuses, although the grammar has them."""

from __future__ import annotations

from collections.abc import Iterator, Set

from simulators.odata import syntax
from simulators.odata.errors import bad_request


def refuse_unsupported(condition: syntax.Condition, refused: Set[str]) -> None:
    """Raise a 400 if `condition` uses one of the operators or functions in `refused`."""
    for name in _used(condition):
        if name in refused:
            raise bad_request(f"This station does not support {name!r} in a $filter.")


def _used(condition: syntax.Condition) -> Iterator[str]:
    match condition:
        case syntax.Conjunction(conditions) | syntax.Disjunction(conditions):
            yield "and" if isinstance(condition, syntax.Conjunction) else "or"
            for each in conditions:
                yield from _used(each)
        case syntax.Negation(inner, spaced):
            yield "not" if spaced else "not_unspaced"
            yield from _used(inner)
        case syntax.Comparison(operand, operator):
            yield operator
            yield from _functions(operand)
        case syntax.Membership(operand):
            yield "in"
            yield from _functions(operand)
        case syntax.TextTest(function, text, part):
            yield function
            yield from _functions(text)
            yield from _functions(part)
        case syntax.SpatialTest(function):
            yield function
        case syntax.AttributeTest():
            yield "any"


def _functions(argument: syntax.Argument) -> Iterator[str]:
    if isinstance(argument, syntax.Call):
        yield argument.function
        for each in argument.arguments:
            yield from _functions(each)
