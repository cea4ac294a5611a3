"""OData query options, literals and addresses, written so that no value can leave its place.

A string literal doubles its quotes, a key is a Guid and nothing else, and every option is percent-encoded as a whole:
what a caller sends can change a value, never the shape of a request.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from rs_server.errors import InvalidRequest

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
FRACTION = re.compile(r"\.(\d{1,9})")


class ODataQuery(NamedTuple):
    """The query options of one request on an entity set."""

    filter: str = ""
    orderby: str = ""
    top: int | None = None
    skip: int = 0
    expand: tuple[str, ...] = ()
    with_count: bool = False
    """Whether the station is to say how many there are in all."""

    def encode(self) -> str:
        """The query string, without `?`; spaces are written %20, which every station reads."""
        options = {
            "$filter": self.filter,
            "$orderby": self.orderby,
            "$top": "" if self.top is None else str(self.top),
            "$skip": str(self.skip) if self.skip else "",
            "$expand": ",".join(self.expand),
            "$count": "true" if self.with_count else "",
        }
        return "&".join(f"{name}={quote(value, safe=SAFE)}" for name, value in options.items() if value)


SAFE = "()',:/$=*"
"""Characters of an option's value that RFC 3986 allows in a query and that no station misreads."""


def string_literal(text: str) -> str:
    """`text` as an OData string (OData URL conventions 5.1.1.6.1: a quote is written twice).

    Raises InvalidRequest for control characters, which no name at a station has and which some servers cut at.
    """
    if any(character < " " or character == "\x7f" for character in text):
        raise InvalidRequest("A text to compare with must not hold control characters.")
    return "'" + text.replace("'", "''") + "'"


def datetime_literal(moment: datetime) -> str:
    """`moment` as a DateTimeOffset: UTC, no quotes, ending in Z; 3 digits of a second, or 6 where 3 would lose some."""
    utc = moment.astimezone(UTC)
    timespec = "milliseconds" if utc.microsecond % 1000 == 0 else "microseconds"
    return utc.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def parse_datetime(text: str) -> datetime:
    """Read a station's DateTimeOffset: 0 to 9 digits of a second, cut to microseconds; without offset it is UTC.

    Raises ValueError for anything else.
    """
    moment = datetime.fromisoformat(FRACTION.sub(lambda digits: "." + digits[1][:6].ljust(6, "0"), text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def entity_path(entity_set: str, key: str, *, quoted: bool = False) -> str:
    """Address of one entity below the service root; `quoted` for stations that want the key in quotes."""
    if not GUID.fullmatch(key):
        raise InvalidRequest(f"{key!r} is no id of a station (a Guid).")
    return f"{entity_set}('{key}')" if quoted else f"{entity_set}({key})"
