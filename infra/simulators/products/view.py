"""Products as the stations show them: checksum, footprint, attributes, and their bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulators.odata.errors import ODataError
from simulators.odata.types import Attribute, EntitySet
from simulators.odata.wire import WireFormat
from simulators.payload import Body, Payload
from simulators.products.bodies import BodyPool
from simulators.products.footprints import FootprintPool
from simulators.storage import Database, Row

OFFLINE_MESSAGES = {202: "Accepted: the product is not online yet.", 403: "Not allowed yet", 404: "Not online."}


@dataclass(frozen=True, slots=True)
class ProductStyle:
    """Habits of a station's products."""

    footprints: bool = True
    """Whether the interface has Footprint and GeoFootprint."""
    footprint_text: str = "POLYGON(("
    """How the text of a footprint begins after its SRID."""
    upper_case_md5: bool = False
    offline_status: int = 202
    """The answer to `$value` of a product that is not online."""


class ProductView:
    """Renders products and finds their bytes."""

    def __init__(
        self, database: Database, pool: FootprintPool, bodies: BodyPool, wire: WireFormat, style: ProductStyle
    ) -> None:
        self._database = database
        self._pool = pool
        self._bodies = bodies
        self._wire = wire
        self._style = style

    def finish(self, product: dict[str, Any], hidden: Sequence[Any]) -> None:
        """Add Checksum and footprints, from the columns `seed`, `footprint` and `checksum`."""
        seed, footprint, checksum = hidden
        product["Checksum"] = [self._md5(seed, product)] if checksum else []
        if not self._style.footprints:
            return
        found = None if footprint is None else self._pool.footprints[footprint]
        product["Footprint"] = found and found.ewkt(self._style.footprint_text)
        product["GeoFootprint"] = found and found.geojson()

    def attributes(self, entity_set: EntitySet, rows: Sequence[Row]) -> dict[int, list[dict[str, Any]]]:
        """The attributes of products, by rowid."""
        known = list(entity_set.attributes.values())
        columns = ", ".join(("rowid", *(each.column for each in known)))
        numbers = ", ".join(str(int(row[0])) for row in rows)
        found = self._database.read(f"SELECT {columns} FROM products WHERE rowid IN ({numbers})")
        templates = [_template(each) for each in known]
        return {
            number: [
                {**template, "Value": self._wire.value(attribute.edm, value)}
                for attribute, template, value in zip(known, templates, values, strict=True)
                if value is not None
            ]
            for number, *values in found
        }

    def payload(self, product: Mapping[str, Any]) -> Payload:
        """The bytes; raises ODataError where the product is not online."""
        if not product.get("Online", True):
            status = self._style.offline_status
            raise ODataError(status, OFFLINE_MESSAGES[status])
        return Payload(Body(product["seed"], product["ContentLength"]), product["Name"], product["ContentType"])

    def _md5(self, seed: int, product: Mapping[str, Any]) -> dict[str, Any]:
        digest = self._bodies.digests[seed, int(product["ContentLength"])]
        return {
            "Algorithm": "MD5",
            "Value": digest.upper() if self._style.upper_case_md5 else digest,
            "ChecksumDate": product["PublicationDate"],
        }


def _template(attribute: Attribute) -> dict[str, Any]:
    name = attribute.type_name
    return {"@odata.type": f"#OData.CSC.{name}Attribute", "Name": attribute.name, "ValueType": name}
