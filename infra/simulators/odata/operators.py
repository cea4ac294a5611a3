"""Operators that a station refuses, although the grammar has them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Set

from simulators.odata import syntax
from simulators.odata.errors import bad_request


def refuse_unsupported(condition: syntax.Condition, refused: Set[str], attributes: Container[str] = ()) -> None:
    """Raise a 400 if `condition` uses what is in `refused`.

    That may be an operator (`le`, `not`), `not_unspaced` for `not(x)` without a space, a function (`concat`,
    `Intersects`), an operator on one property (`ContentType eq`), an operator in an attribute's test (`attribute ne`),
    an attribute that is not among `attributes` (`attribute unknown`), or the literal `false`.
    """
    for name in _used(condition, attributes):
        if name in refused:
            raise bad_request(f"This station does not support {name!r} in a $filter.")


def _used(condition: syntax.Condition, attributes: Container[str]) -> Iterator[str]:
    match condition:
        case syntax.Conjunction(conditions) | syntax.Disjunction(conditions):
            yield "and" if isinstance(condition, syntax.Conjunction) else "or"
            for each in conditions:
                yield from _used(each, attributes)
        case syntax.Negation(inner, spaced):
            yield "not" if spaced else "not_unspaced"
            yield from _used(inner, attributes)
        case syntax.Comparison(operand, operator, literal):
            yield from _operator(operand, operator)
            if literal.value is False:
                yield "false"
        case syntax.Membership(operand):
            yield from _operator(operand, "in")
        case syntax.TextTest(function, text, part):
            yield function
            yield from _functions(text)
            yield from _functions(part)
        case syntax.SpatialTest(function):
            yield function
        case syntax.AttributeTest(_, name, operator):
            yield "any"
            yield f"attribute {operator}"
            if name not in attributes:
                yield "attribute unknown"


def _operator(operand: syntax.Operand, operator: str) -> Iterator[str]:
    yield operator
    if isinstance(operand, syntax.Path):
        yield f"{operand.name} {operator}"
    yield from _functions(operand)


def _functions(argument: syntax.Argument) -> Iterator[str]:
    if isinstance(argument, syntax.Call):
        yield argument.function
        for each in argument.arguments:
            yield from _functions(each)
