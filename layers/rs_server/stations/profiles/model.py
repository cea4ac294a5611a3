"""What is known of a station before it is asked: where it is, how it authenticates, what its queries can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Operator = Literal[
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "in",
    "and",
    "or",
    "not",
    "contains",
    "startswith",
    "endswith",
    "tolower",
    "intersects",
    "null",
]
"""What a station's `$filter` may understand; `null` is a comparison with the literal null."""


class Authentication(NamedTuple):
    """How a token is got and sent (`stations`: one of the variants in use)."""

    token_url: str
    grant: Literal["password", "client_credentials"] = "password"
    client: Literal["body", "basic", "both"] = "body"
    """Where the client's id and secret go on the token call: form fields, HTTP Basic, or both."""
    scope: str = ""
    header: Literal["Authorization", "OAUTH2-ACCESS-TOKEN"] = "Authorization"
    """Header of the token on each call; `Authorization` is sent as Bearer, the old one bare."""


class Limits(NamedTuple):
    """What a station allows to one client, over all our functions together."""

    max_top: int = 1000
    """Rows a page."""
    connections: int = 4
    requests_per_minute: int = 600
    url_length: int = 4000
    """Bytes of an address that a station takes for sure."""
    window_hours: int = 0
    """Hours of publication that a query may span where the station refuses what finds too much; 0: any."""
    timeout_seconds: float = 20.0
    """Longest wait for an answer's next byte."""


class Station(NamedTuple):
    """One station behind one service, such as MTI behind cadip."""

    title: str
    service_root: str
    """Address of the OData service, with `/` at its end."""
    authentication: Authentication
    operators: frozenset[Operator]
    """What works on plain properties."""
    attribute_operators: frozenset[Operator] = frozenset()
    """What works inside `Attributes/OData.CSC.*Attribute/any(...)`."""
    refused: Mapping[str, frozenset[Operator]] = {}
    """Operators that this station lacks for single properties or attributes only."""
    attribute_types: Mapping[str, Literal["String", "Integer", "Double", "Boolean", "DateTimeOffset"]] = {}
    """Attributes that this station holds as another type than the others do."""
    lacks: frozenset[str] = frozenset()
    """Attributes that its products never have, and that it must not be asked for."""
    quoted_keys: bool = False
    expand_files: bool = True
    """Whether a page of sessions brings its files (`$expand=Files`) in one round trip."""
    final_block: bool = True
    """Whether files say which block is a channel's last; else the quality information's count of chunks does."""
    redirect_hosts: tuple[str, ...] = ()
    """Other hosts that a redirect may lead to, without our credentials: those of signed addresses."""
    trusted_hosts: tuple[str, ...] = ()
    """Other hosts that a redirect may lead to with our credentials."""
    limits: Limits = Limits()
    service: str = ""
    """Not written in a profile: the one that its file is for."""
    name: str = ""
    """Not written in a profile: the name under which the station stands there."""

    @property
    def id(self) -> str:
        """The station's name over all services, and its resource in grants: `cadip:mti`."""
        return f"{self.service}:{self.name}"

    def understands(self, operator: Operator, path: str = "", *, attribute: bool = False) -> bool:
        """Whether a filter may use `operator` on the property or attribute `path`."""
        known = self.attribute_operators if attribute else self.operators
        return operator in known and operator not in self.refused.get(path, ())


class Provider(NamedTuple):
    """Who produces, processes or hosts the data of a collection (STAC provider object)."""

    name: str
    roles: tuple[Literal["licensor", "producer", "processor", "host"], ...]
    url: str = ""


class VirtualCollection(NamedTuple):
    """A STAC collection that is a query on one or more stations."""

    id: str
    title: str
    description: str
    stations: tuple[str, ...]
    start: str
    """Date and time (RFC 3339) of the first data: the open temporal extent begins here."""
    query: Mapping[str, tuple[str, ...]] = {}
    """Station property or attribute, and the values that belong to the collection."""
    bbox: tuple[float, ...] = (-180.0, -90.0, 180.0, 90.0)
    license: str = "other"
    keywords: tuple[str, ...] = ()
    providers: tuple[Provider, ...] = ()
    summaries: Mapping[str, Any] = {}


class ServiceProfile(NamedTuple):
    """Everything that is declared for one service: its stations and its collections."""

    service: Literal["cadip", "auxip", "prip", "lta"]
    title: str
    description: str
    stations: Mapping[str, Station]
    collections: tuple[VirtualCollection, ...]
