"""Splits a filter into a condition that a station is asked for and the rest that is evaluated here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, assert_never

from rs_server.stations.filters import odata
from rs_server.stations.filters.evaluation import value_test
from rs_server.stations.filters.odata import ALL, NONE, UNASKED, Condition
from rs_server.stations.filters.syntax import (
    NEGATED,
    And,
    Compare,
    Constant,
    Filter,
    In,
    IsNull,
    Like,
    Not,
    Or,
    Other,
    all_of,
    conjuncts,
    pattern_tokens,
)
from rs_server.stations.profiles.model import Operator as ODataOperator
from rs_server.stations.profiles.model import Station
from rs_server.stations.queryables import (
    Absent,
    Coded,
    Column,
    Derived,
    Footprint,
    Named,
    Queryables,
    Same,
    Source,
    queryable_of,
)

Leaf = Compare | In | Like


class Split(NamedTuple):
    """What a station is asked (None: nothing there can match), and the filter that its answer must still pass."""

    condition: str | None
    rest: Filter


class Pushdown:
    """Translates for one station and one collection; `constants` are the properties that are the same for all there."""

    def __init__(self, station: Station, queryables: Queryables, constants: Mapping[str, str]) -> None:
        self.station = station
        self.queryables = queryables
        self.constants = constants

    def split(self, node: Filter, longest: int) -> Split:
        """Ask for as much as the station can do; a part that it does exactly is not evaluated again.

        What would make the condition longer than `longest` characters is not asked, the longest parts first.
        """
        parts = list(conjuncts(node))
        pushed = [self.push(part, positive=True) for part in parts]
        while len(condition := odata.all_of(pushed).text or "") > longest:
            longest_part = max(range(len(pushed)), key=lambda index: len(pushed[index].text or ""))
            pushed[longest_part] = UNASKED
        asked = None if odata.all_of(pushed).text is None else condition
        return Split(asked, all_of([part for part, done in zip(parts, pushed, strict=True) if not done.exact]))

    def push(self, node: Filter, *, positive: bool) -> Condition:
        """The entities for which `node` is true, or with `positive` false those for which it is false."""
        match node:
            case And(args) | Or(args):
                parts = [self.push(arg, positive=positive) for arg in args]
                conjunction = isinstance(node, And) == positive
                return odata.all_of(parts) if conjunction else odata.any_of(self.station, parts)
            case Not(arg):
                return self.push(arg, positive=not positive)
            case Constant(value):
                return ALL if value == positive else NONE
            case IsNull(name):
                return self._null(name, positive=positive)
            case Other(expression, names):
                if expression["op"] != "isNull" and any(isinstance(self.source(name), Absent) for name in names):
                    return NONE
                return self._function(node) if positive else UNASKED
            case Compare() | In() | Like():
                return self._leaf(node, positive=positive)
            case _:
                assert_never(node)

    def _function(self, node: Other) -> Condition:
        from rs_server.stations.filters.functions import push_function  # few filters need it, and no cold start

        return push_function(self, node)

    def source(self, name: str) -> Source | None:
        """Where the station keeps a property."""
        return queryable_of(self.queryables, name).source

    def _leaf(self, node: Leaf, *, positive: bool) -> Condition:
        if node.property in self.constants:
            return ALL if value_test(node)(self.constants[node.property]) == positive else NONE
        match self.source(node.property):
            case Same(column, fallback, partial):
                pushed = self._same(node, column, positive=positive)
                if fallback:
                    pushed = odata.any_of(self.station, [pushed, odata.is_null(self.station, column)])
                return Condition(pushed.text, exact=False) if fallback or partial else pushed
            case Coded() as coded:
                pushed = self._coded(node, coded, positive=positive)
                return Condition(pushed.text, exact=False) if coded.partial else pushed
            case Named() as named:
                return self._named(node, named) if positive else UNASKED
            case Derived(column, candidates):
                return self._derived(node, column, candidates) if positive else UNASKED
            case Absent():
                return NONE
            case Footprint() | None:
                return UNASKED

    def _same(self, node: Leaf, column: Column, *, positive: bool) -> Condition:
        match node:
            case Compare(_, op, value):
                return odata.comparison(self.station, column, op if positive else NEGATED[op], value)
            case In(_, values):
                pushed = odata.one_of(self.station, column, values)
            case Like(_, pattern):
                pushed = self._like(column, pattern)
        return pushed if positive else odata.negated(self.station, pushed, nullable=column.nullable)

    def _null(self, name: str, *, positive: bool) -> Condition:
        source = self.source(name)
        if name in self.constants:
            return NONE if positive else ALL
        if isinstance(source, Absent):
            return ALL if positive else NONE
        if not isinstance(source, Same) or source.fallback or source.partial:
            return UNASKED
        pushed = odata.is_null(self.station, source.column)
        return pushed if positive else odata.negated(self.station, pushed, nullable=False)

    def _coded(self, node: Leaf, coded: Coded, *, positive: bool) -> Condition:
        test = value_test(node)
        alternatives = [terms for value, listed in coded.values.items() if test(value) == positive for terms in listed]
        columns = {column for terms in alternatives for column, _ in terms}
        if len(columns) == 1 and all(len(terms) == 1 for terms in alternatives):
            return odata.one_of(self.station, columns.pop(), [terms[0][1] for terms in alternatives])
        return odata.any_of(
            self.station,
            [
                odata.all_of(odata.comparison(self.station, column, "=", held) for column, held in terms)
                for terms in alternatives
            ],
        )

    def _derived(self, node: Leaf, column: Column, candidates: Callable[[str], tuple[str, ...]]) -> Condition:
        match node:
            case Compare(_, "=", str(value)):
                values = [value]
            case In(_, given):
                values = [str(value) for value in given]
            case _:
                return UNASKED
        texts = [text for value in values for text in candidates(value)]
        return Condition(odata.one_of(self.station, column, texts).text, exact=False)

    def _named(self, node: Leaf, named: Named) -> Condition:
        match node:
            case Compare(_, "=", str(value)):
                return self._names(named, [value])
            case In(_, values):
                return self._names(named, [str(value) for value in values])
            case Like(_, pattern):
                tokens = pattern_tokens(pattern)
                if tokens and tokens[0][0] == "text" and (named.longer == "station" or "." not in tokens[0][1]):
                    prefix = odata.text_function(self.station, "startswith", named.column, tokens[0][1])
                    return Condition(prefix.text, exact=False)
        return UNASKED

    def _names(self, named: Named, ids: list[str]) -> Condition:
        if named.longer == "item":
            names = [base for name in ids for base in (name, *_without(name, named.suffixes))]
            pushed = odata.one_of(self.station, named.column, names)
        elif self.station.understands("startswith", named.column.path):
            pushed = odata.any_of(
                self.station, [odata.text_function(self.station, "startswith", named.column, name) for name in ids]
            )
        else:
            names = [name + suffix for name in ids for suffix in ("", *named.suffixes)]
            pushed = odata.one_of(self.station, named.column, names)
        return Condition(pushed.text, exact=False)

    def _like(self, column: Column, pattern: str) -> Condition:
        tokens = pattern_tokens(pattern)
        texts = [text for kind, text in tokens if kind == "text"]
        if not any(kind != "text" for kind, _ in tokens):
            return odata.comparison(self.station, column, "=", "".join(texts))
        if not texts:
            return UNASKED
        parts = []
        for index, (kind, text) in enumerate(tokens):
            if kind == "text":
                first, last = index == 0, index == len(tokens) - 1
                function: ODataOperator = "startswith" if first else "endswith" if last else "contains"
                parts.append(odata.text_function(self.station, function, column, text))
        simple = len(texts) == 1 and all(kind != "_" for kind, _ in tokens)
        pushed = odata.all_of(parts)
        return Condition(pushed.text, exact=pushed.exact and simple)


def _without(name: str, suffixes: tuple[str, ...]) -> list[str]:
    return [name.removesuffix(suffix) for suffix in suffixes if name.endswith(suffix)]
