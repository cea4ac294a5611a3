"""From the syntax tree of a `$filter` to a SQL condition with parameters.

OData's comparisons know no third value: with a null they are false, `eq` and `ne` excepted. SQL's "unknown" counts as
false wherever a row is chosen, so it only has to be mended beneath a `not`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulators.odata import syntax
from simulators.odata.errors import bad_request
from simulators.odata.patterns import check_pattern
from simulators.odata.syntax import Literal
from simulators.odata.types import Edm, EntitySet, Property

type SqlValue = str | int | float | None

MAX_CONDITIONS = 400
"""SQLite refuses expressions deeper than 1 000; a chain of n conditions is n deep."""

COMPARE = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
ORDERED = frozenset({Edm.STRING, Edm.INT64, Edm.DOUBLE, Edm.INSTANT})
TEXTUAL = frozenset({Edm.STRING, Edm.GUID})
FUNCTIONS: dict[str, tuple[tuple[Edm, ...], Edm, str]] = {
    "concat": ((Edm.STRING, Edm.STRING), Edm.STRING, "({} || {})"),
    "length": ((Edm.STRING,), Edm.INT64, "length({})"),
    "indexof": ((Edm.STRING, Edm.STRING), Edm.INT64, "(instr({}, {}) - 1)"),
    "tolower": ((Edm.STRING,), Edm.STRING, "lower({})"),
    "toupper": ((Edm.STRING,), Edm.STRING, "upper({})"),
    "trim": ((Edm.STRING,), Edm.STRING, "trim({})"),
}

type SpatialMatch = Callable[[str, str], Sequence[int]]
"""Finds the stored footprints that pass a test (`Intersects`, ...) against an EWKT area; returns their numbers."""


@dataclass(frozen=True, slots=True)
class _Operand:
    sql: str
    edm: Edm
    source: Property | None = None


@dataclass(slots=True)
class FilterCompiler:
    """Compiles conditions over one entity set; `parameters` collects the named values of the SQL it returned."""

    entity_set: EntitySet
    spatial_match: SpatialMatch | None = None
    parameters: dict[str, SqlValue] = field(default_factory=dict)
    conditions: int = 0

    def compile(self, condition: syntax.Condition) -> str:
        """The SQL of `condition`; raises a 400 for unknown properties and for operands whose types do not fit."""
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise bad_request(f"The $filter has more than {MAX_CONDITIONS} conditions.")
        match condition:
            case syntax.Conjunction(conditions):
                return "(" + " AND ".join(self.compile(each) for each in conditions) + ")"
            case syntax.Disjunction(conditions):
                return "(" + " OR ".join(self.compile(each) for each in conditions) + ")"
            case syntax.Negation(inner):
                return f"NOT coalesce({self.compile(inner)}, 0)"
            case syntax.Comparison(operand, operator, literal):
                return self._compare(self._operand(operand), operator, literal)
            case syntax.Membership(operand, literals):
                return self._among(self._operand(operand), literals)
            case syntax.TextTest():
                return self._text_test(condition)
            case syntax.AttributeTest():
                return self._attribute_test(condition)
            case syntax.SpatialTest(function, area):
                return self._spatial_test(function, area)

    def _operand(self, argument: syntax.Argument) -> _Operand:
        match argument:
            case syntax.Path(name):
                source = self.entity_set.property(name)
                if source is None:
                    raise bad_request(f"{self.entity_set.name} have no property {name!r} to filter by.")
                return _Operand(source.expression, source.edm, source)
            case syntax.Literal(edm, value):
                return _Operand(self._bind(value), edm)
            case syntax.Call("substring", arguments):
                return self._substring(arguments)
            case syntax.Call(function, arguments):
                expected, result, template = FUNCTIONS[function]
                if len(arguments) != len(expected):
                    raise bad_request(f"{function}() takes {len(expected)} arguments, not {len(arguments)}.")
                return _Operand(template.format(*(self._text(function, each) for each in arguments)), result)

    def _substring(self, arguments: tuple[syntax.Argument, ...]) -> _Operand:
        if len(arguments) not in {2, 3}:
            raise bad_request("substring() takes a text, a start and perhaps a length.")
        text = self._text("substring", arguments[0])
        numbers = [self._operand(each) for each in arguments[1:]]
        if any(number.edm is not Edm.INT64 for number in numbers):
            raise bad_request("substring() takes whole numbers for start and length.")
        start, *length = (f"max({number.sql}, 0)" for number in numbers)
        return _Operand(f"substr({', '.join((text, f'{start} + 1', *length))})", Edm.STRING)

    def _text(self, function: str, argument: syntax.Argument) -> str:
        operand = self._operand(argument)
        if operand.edm not in TEXTUAL:
            raise bad_request(f"{function}() takes text, not {operand.edm.value}.")
        return operand.sql

    def _compare(self, operand: _Operand, operator: str, literal: Literal) -> str:
        if operator in COMPARE:
            if operand.edm not in ORDERED or literal.edm is Edm.NULL:
                raise bad_request(f"{operator!r} does not apply to {operand.edm.value} and {literal.edm.value}.")
            return f"{operand.sql} {COMPARE[operator]} {self._bind(_value(operand, literal))}"
        if literal.edm is Edm.NULL:
            return f"{operand.sql} IS {'NOT ' if operator == 'ne' else ''}NULL"
        return f"{operand.sql} {'=' if operator == 'eq' else 'IS NOT'} {self._bind(_value(operand, literal))}"

    def _among(self, operand: _Operand, literals: tuple[Literal, ...]) -> str:
        if any(literal.edm is Edm.NULL for literal in literals):
            raise bad_request("A list after 'in' has no null: write 'eq null'.")
        return f"{operand.sql} IN ({', '.join(self._bind(_value(operand, each)) for each in literals)})"

    def _text_test(self, test: syntax.TextTest) -> str:
        text = self._text(test.function, test.text)
        if test.function == "matchesPattern":
            return self._pattern_test(text, test.part)
        if test.function == "startswith" and isinstance(test.part, Literal) and isinstance(test.part.value, str):
            return self._prefix(text, test.part)
        part = self._text(test.function, test.part)
        match test.function:
            case "startswith":
                return f"substr({text}, 1, length({part})) = {part}"
            case "endswith":
                return f"(({part} = '' AND {text} IS NOT NULL) OR substr({text}, -length({part})) = {part})"
            case _:
                return f"instr({text}, {part}) > 0"

    def _pattern_test(self, text: str, pattern: syntax.Argument) -> str:
        if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
            raise bad_request("matchesPattern() takes a property and a pattern in quotes.")
        check_pattern(pattern.value)
        return f"{text} REGEXP {self._bind(pattern.value)}"

    def _prefix(self, text: str, part: Literal) -> str:
        """A prefix as a range, which an index serves."""
        prefix = str(part.value)
        begins = f"{text} >= {self._bind(prefix)}"
        end = _after(prefix)
        return f"({begins} AND {text} < {self._bind(end)})" if end else begins

    def _attribute_test(self, test: syntax.AttributeTest) -> str:
        attribute = self.entity_set.attributes.get(test.name)
        edm = test.attribute_type
        operand = _Operand(attribute.column if attribute else "NULL", edm)
        # A product has this attribute with this type or not at all: `ne` is no match where it is absent.
        present = attribute is not None and attribute.edm is edm
        tests = (
            self._among(operand, test.literals)
            if test.operator == "in"
            else self._compare(operand, test.operator, test.literals[0])
        )
        return f"({operand.sql} IS NOT NULL AND {tests})" if present else "0"

    def _spatial_test(self, function: str, area: str) -> str:
        if self.spatial_match is None:
            raise bad_request(f"{self.entity_set.name} have no footprint.")
        numbers = self.spatial_match(function, area)
        return f"footprint IN ({', '.join(str(int(number)) for number in numbers)})"

    def _bind(self, value: syntax.Value) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = int(value) if isinstance(value, bool) else value
        return f":{name}"


def _value(operand: _Operand, literal: Literal) -> SqlValue:
    """The literal's value as the operand's column holds it; raises a 400 where the types do not fit."""
    edm = operand.edm
    if edm is Edm.ENUMERATION:
        enumeration = operand.source.enumeration if operand.source else None
        if enumeration and literal.edm is edm and literal.enumeration == enumeration.name:
            if literal.value in enumeration.members:
                return enumeration.members.index(str(literal.value))
            raise bad_request(f"OData.CSC.{enumeration.name} has no member {literal.value!r}.")
    fits = literal.edm is edm or (edm, literal.edm) in {
        (Edm.INT64, Edm.DOUBLE),
        (Edm.DOUBLE, Edm.INT64),
        (Edm.GUID, Edm.STRING),
    }
    if not fits or edm is Edm.ENUMERATION:
        raise bad_request(f"{literal.value!r} is of type {literal.edm.value}; {_wanted(operand)} is expected.")
    return str(literal.value).lower() if edm is Edm.GUID else literal.value


def _wanted(operand: _Operand) -> str:
    enumeration = operand.source.enumeration if operand.source else None
    return f"OData.CSC.{enumeration.name}'...'" if enumeration else operand.edm.value


def _after(prefix: str) -> str:
    """The least text after all that begin with `prefix`, or '' where there is none that SQLite can hold."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return ""
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if 0xD800 <= following <= 0xDFFF else following)
