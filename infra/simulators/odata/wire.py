"""How a station writes values: the quirks of its JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.odata.instants import write_instant
from simulators.odata.types import Edm, Property

PLAIN = frozenset({Edm.STRING, Edm.DOUBLE, Edm.GUID})


@dataclass(frozen=True, slots=True)
class WireFormat:
    """The habits of a station's JSON."""

    fraction_digits: int | None = 3
    """Digits of a second in instants; None writes as many as the value needs."""
    numbers_as_strings: bool = False
    """Int64 and Boolean as JSON strings, as some mocks send them."""
    omit_null: bool = False
    """Leave a property without value out, where others send null."""

    def value(self, edm: Edm, value: Any, source: Property | None = None) -> Any:
        """A stored value as it stands in JSON."""
        if value is None:
            return None
        match edm:
            case Edm.INSTANT:
                return write_instant(value, self.fraction_digits)
            case Edm.BOOLEAN:
                return str(bool(value)).lower() if self.numbers_as_strings else bool(value)
            case Edm.INT64:
                return str(value) if self.numbers_as_strings else value
            case Edm.ENUMERATION if source is not None and source.enumeration is not None:
                return source.enumeration.members[value]
        return value

    def writer(self, properties: Sequence[Property]) -> Callable[[Sequence[Any]], dict[str, Any]]:
        """Makes entities of rows: primitive properties, `ContentDate/Start` as `{"ContentDate": {"Start": ...}}`."""
        steps = [(*each.path.partition("/"), self._plain(each.edm), each) for each in properties]

        def entity(row: Sequence[Any]) -> dict[str, Any]:
            made: dict[str, Any] = {}
            for (owner, slash, name, plain, each), stored in zip(steps, row, strict=True):
                value = stored if plain or stored is None else self.value(each.edm, stored, each)
                if value is None and self.omit_null:
                    continue
                if slash:
                    made.setdefault(owner, {})[name] = value
                else:
                    made[owner] = value
            return made

        return entity

    def _plain(self, edm: Edm) -> bool:
        """Whether values of a type are written as they are stored."""
        return edm in PLAIN or (edm is Edm.INT64 and not self.numbers_as_strings)
