"""From the text of a `$filter` to its syntax tree."""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from simulators.odata import syntax
from simulators.odata.errors import bad_request
from simulators.odata.instants import read_exact_instant
from simulators.odata.syntax import Literal
from simulators.odata.types import Edm

MAX_LENGTH = 16_384
MAX_DEPTH = 50
INT64 = range(-(2**63), 2**63)

ATTRIBUTE_TYPES = {
    "String": Edm.STRING,
    "Integer": Edm.INT64,
    "Double": Edm.DOUBLE,
    "Boolean": Edm.BOOLEAN,
    "DateTimeOffset": Edm.INSTANT,
}


def parse_filter(text: str) -> syntax.Condition:
    """Parse a `$filter`, already percent-decoded; raises a 400 that names the place where it leaves the grammar.

    Some clients wrap the whole filter in double quotes; these are taken off.
    """
    text = text.strip(" \t")
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip(" \t")
    _refuse_excess(text)
    try:
        # The parser is built with its transformer, so what it returns is no longer a parse tree.
        condition: Any = _parser().parse(text)
    except UnexpectedInput as error:
        raise bad_request(_explanation(error, text)) from None
    return condition  # type: ignore[no-any-return]  # what the transformer's top rules return


def _refuse_excess(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise bad_request(f"The $filter has {len(text)} characters; at most {MAX_LENGTH} are read.")
    depth = deepest = 0
    for part in text.split("'")[::2]:
        for character in part:
            depth += (character == "(") - (character == ")")
            deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise bad_request(f"The $filter nests deeper than {MAX_DEPTH} parentheses.")


def _explanation(error: UnexpectedInput, text: str) -> str:
    match error:
        case UnexpectedToken(token=Token(type="$END")):
            return "The $filter ends too early."
        case UnexpectedToken() | UnexpectedCharacters() if error.pos_in_stream is not None:
            place = error.pos_in_stream
            return f"The $filter is not understood at character {place + 1}: {text[place : place + 30]!r}."
    return "The $filter is not understood."


@cache
def _parser() -> Lark:
    grammar = files("simulators.odata").joinpath("filter.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=_SyntaxTree(), maybe_placeholders=False)


class _SyntaxTree(Transformer[Token, Any]):
    """Builds the tree; each method has the name of the grammar's rule."""

    def disjunction(self, conditions: list[syntax.Condition]) -> syntax.Disjunction:
        return syntax.Disjunction(tuple(conditions))

    def conjunction(self, conditions: list[syntax.Condition]) -> syntax.Conjunction:
        return syntax.Conjunction(tuple(conditions))

    def negation(self, parts: list[Any]) -> syntax.Negation:
        return syntax.Negation(parts[1], spaced=parts[0] != "not")

    def comparison(self, parts: list[Any]) -> syntax.Comparison:
        return syntax.Comparison(parts[0], parts[1].strip(), parts[2])

    def membership(self, parts: list[Any]) -> syntax.Membership:
        return syntax.Membership(parts[0], parts[1])

    def literals(self, literals: list[Literal]) -> tuple[Literal, ...]:
        return tuple(literals)

    def text_test(self, parts: list[Any]) -> syntax.TextTest:
        return syntax.TextTest(_function(parts[0]), parts[1], parts[2])

    def spatial_test(self, parts: list[Any]) -> syntax.SpatialTest:
        return syntax.SpatialTest(_function(parts[0]).removeprefix("OData.CSC."), parts[1][len("geography'") : -1])

    def attribute_test(self, parts: list[Any]) -> syntax.AttributeTest:
        opening, variable, name_path, name_operator, name, value_path, *value = parts
        type_name = opening.split("/")[1]
        if name_path != f"{variable}/Name" or name_operator.strip() != "eq" or name.edm is not Edm.STRING:
            raise bad_request(f"any({variable}: ...) must begin with {variable}/Name eq '...'.")
        if value_path != f"{variable}/{type_name}/Value":
            raise bad_request(f"any({variable}: ...) must go on with {variable}/{type_name}/Value.")
        edm = ATTRIBUTE_TYPES.get(type_name.removeprefix("OData.CSC.").removesuffix("Attribute"))
        if edm is None:
            raise bad_request(f"{type_name} is no attribute type; there are {', '.join(ATTRIBUTE_TYPES)}.")
        if isinstance(value[0], tuple):
            return syntax.AttributeTest(edm, name.value, "in", value[0])
        return syntax.AttributeTest(edm, name.value, value[0].strip(), (value[1],))

    def call(self, parts: list[Any]) -> syntax.Call:
        return syntax.Call(_function(parts[0]), tuple(parts[1:]))

    def path(self, parts: list[Token]) -> syntax.Path:
        return syntax.Path(str(parts[0]))

    def string(self, parts: list[Token]) -> Literal:
        return Literal(Edm.STRING, parts[0][1:-1].replace("''", "'"))

    def instant(self, parts: list[Token]) -> Literal:
        try:
            return Literal(Edm.INSTANT, read_exact_instant(str(parts[0])))
        except ValueError as error:
            raise bad_request(str(error)) from None

    def guid(self, parts: list[Token]) -> Literal:
        return Literal(Edm.GUID, parts[0].lower())

    def double(self, parts: list[Token]) -> Literal:
        value = float(parts[0])
        if math.isinf(value):
            raise bad_request(f"{parts[0]} is too large for a Double.")
        return Literal(Edm.DOUBLE, value)

    def integer(self, parts: list[Token]) -> Literal:
        value = int(parts[0]) if len(parts[0]) < 25 else INT64.stop
        if value not in INT64:
            raise bad_request(f"{parts[0][:25]} is too large for an Int64.")
        return Literal(Edm.INT64, value)

    def boolean(self, parts: list[Token]) -> Literal:
        return Literal(Edm.BOOLEAN, parts[0] == "true")

    def null(self, _: list[Token]) -> Literal:
        return Literal(Edm.NULL, None)

    def enumeration(self, parts: list[Token]) -> Literal:
        name, member, _ = parts[0].removeprefix("OData.CSC.").split("'")
        return Literal(Edm.ENUMERATION, member, name)


def _function(token: str) -> str:
    return token.rstrip(" \t").removesuffix("(")
