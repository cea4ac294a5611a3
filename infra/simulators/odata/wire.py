"""How a station writes values: the quirks of its JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulators.odata.instants import write_instant
from simulators.odata.types import Edm, Property


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

    def entity(self, properties: Sequence[Property], row: Sequence[Any]) -> dict[str, Any]:
        """An entity's primitive properties, `ContentDate/Start` nested as `{"ContentDate": {"Start": ...}}`."""
        entity: dict[str, Any] = {}
        for each, stored in zip(properties, row, strict=True):
            value = self.value(each.edm, stored, each)
            if value is None and self.omit_null:
                continue
            owner, slash, name = each.path.partition("/")
            if slash:
                entity.setdefault(owner, {})[name] = value
            else:
                entity[owner] = value
        return entity
