"""The reading half of an OData service: resource paths and query options in, JSON or a payload out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from simulators.odata.errors import ODataError, bad_request
from simulators.odata.operators import refuse_unsupported
from simulators.odata.options import Limits, QueryOptions, read_expand, read_options, read_query
from simulators.odata.paths import KeyForm, Segment, read_path
from simulators.odata.query import Scope, fetch_entity, fetch_page, fetch_related
from simulators.odata.sql import SpatialMatch
from simulators.odata.types import Edm, EntitySet
from simulators.odata.wire import WireFormat
from simulators.payload import Payload
from simulators.storage import Database, Row

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

type Entity = dict[str, Any]
type Expander = Callable[[Sequence[Row], int], Mapping[int, Any]]
"""What to put under an expanded navigation: from rows and the time to a value for each rowid."""


@dataclass(frozen=True, slots=True)
class Navigation:
    """A way from an entity to those of another set: a condition on these that may use `:parent`, the owner's rowid."""

    entity_set: str
    condition: str
    single: bool = False
    """Whether it leads to one entity and not to a collection."""


@dataclass(frozen=True, slots=True)
class Resource:
    """An entity set as it is served."""

    entity_set: EntitySet
    expanders: Mapping[str, Expander] = field(default_factory=dict)
    navigations: Mapping[str, Navigation] = field(default_factory=dict)
    finish: Callable[[Entity, Sequence[Any]], None] | None = None
    """Adds to an entity what is no primitive property, from the hidden columns."""
    payload: Callable[[Mapping[str, Any]], Payload] | None = None
    """What `$value` serves, from the row's columns by name; raises ODataError where it cannot be had."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """In what this station's OData differs from others'."""

    wire: WireFormat
    limits: Limits
    keys: KeyForm
    refuses: frozenset[str]
    next_link: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a resource path has led so far."""

    resource: Resource
    scope: Scope
    single: bool


class ODataService:
    """Serves entity sets out of a database."""

    def __init__(
        self,
        database: Database,
        resources: Mapping[str, Resource],
        dialect: Dialect,
        spatial_match: SpatialMatch | None = None,
    ) -> None:
        self._database = database
        self._resources = resources
        self._dialect = dialect
        self._spatial_match = spatial_match

    def get(self, path: str, query: str, now: int, root: str) -> Entity | Payload:
        """Answer a GET; `root` is the service root's URL, for links. Raises ODataError."""
        if not path.strip("/"):
            return self._service_document()
        *segments, last = read_path(path, self._dialect.keys)
        if last == Segment("$value"):
            return self._payload(self._walk(segments, now), now)
        place = self._walk([*segments, last], now)
        options = read_query(query)
        return self._entity(place, options, now) if place.single else self._page(place, options, now, root, path)

    def find(self, entity_set: str, key: str, now: int) -> tuple[int, Entity]:
        """The rowid and the rendered entity with a key; raises 404."""
        place = self._keyed(self._set(entity_set), key)
        row = self._row(place, now)
        return row[0], self._render(place.resource, [row], (), now)[0]

    def rendered(self, entity_set: str, rows: Sequence[Row], now: int) -> list[Entity]:
        """Rows of an entity set as entities."""
        return self._render(self._resources[entity_set], rows, (), now)

    def _service_document(self) -> Entity:
        names = list(self._resources)
        return {"@odata.context": "$metadata", "value": [{"name": name, "url": name} for name in names]}

    def _walk(self, segments: Sequence[Segment], now: int) -> _Place:
        if not segments:
            raise ODataError(404, "There is no such resource.")
        first, *rest = segments
        place = self._keyed(self._set(first.name), first.key) if first.key else self._set(first.name)
        for segment in rest:
            place = self._follow(place, segment, now)
        return place

    def _set(self, name: str) -> _Place:
        resource = self._resources.get(name)
        if resource is None:
            raise ODataError(404, f"There is no entity set {name!r}; there are {', '.join(self._resources)}.")
        return _Place(resource, Scope(), single=False)

    def _keyed(self, place: _Place, key: str) -> _Place:
        by = place.resource.entity_set.property(place.resource.entity_set.key)
        if by is None:
            raise ODataError(404, f"{place.resource.entity_set.name} have no keys.")
        if by.edm is Edm.GUID:
            key = key.lower()
            if not GUID.fullmatch(key):
                raise bad_request(f"The key {key!r} is no Guid.")
        condition = f"({place.scope.condition}) AND {by.expression} = :key"
        return _Place(place.resource, Scope(condition, {**place.scope.parameters, "key": key}), single=True)

    def _follow(self, place: _Place, segment: Segment, now: int) -> _Place:
        navigation = place.resource.navigations.get(segment.name) if place.single else None
        if navigation is None:
            raise ODataError(404, f"{place.resource.entity_set.name} have no {segment.name!r} there.")
        parent = self._row(place, now)[0]
        target = self._resources[navigation.entity_set]
        reached = _Place(target, Scope(navigation.condition, {"parent": parent}), navigation.single)
        return self._keyed(reached, segment.key) if segment.key else reached

    def _row(self, place: _Place, now: int) -> Row:
        row = fetch_entity(self._database, place.resource.entity_set, place.scope, now)
        if row is None:
            raise ODataError(404, f"{place.resource.entity_set.name} hold no such entity.")
        return row

    def _payload(self, place: _Place, now: int) -> Payload:
        entity_set = place.resource.entity_set
        if place.resource.payload is None or not place.single:
            raise ODataError(404, f"{entity_set.name} have no $value there.")
        names = ("rowid", *entity_set.hidden, *(each.path for each in entity_set.properties))
        return place.resource.payload(dict(zip(names, self._row(place, now), strict=True)))

    def _entity(self, place: _Place, query: Mapping[str, str], now: int) -> Entity:
        entity_set = place.resource.entity_set
        expand = read_expand(query, entity_set)
        entity = self._render(place.resource, [self._row(place, now)], expand, now)[0]
        return {"@odata.context": f"{_context(entity_set, expand)}/$entity"} | entity

    def _page(self, place: _Place, query: Mapping[str, str], now: int, root: str, path: str) -> Entity:
        entity_set = place.resource.entity_set
        options = read_options(query, entity_set, self._dialect.limits)
        if options.filter is not None:
            refuse_unsupported(options.filter, self._dialect.refuses, entity_set.attributes)
        limit = self._dialect.limits.max_result
        page = fetch_page(self._database, entity_set, options, now, place.scope, self._spatial_match, limit)
        answer: Entity = {"@odata.context": _context(entity_set, options.expand)}
        if page.count is not None:
            answer["@odata.count"] = page.count
        answer["value"] = self._render(place.resource, page.rows, options.expand, now)
        if page.more and self._dialect.next_link:
            answer["@odata.nextLink"] = _next_link(root, path, query, options)
        return answer

    def _render(self, resource: Resource, rows: Sequence[Row], expand: Sequence[str], now: int) -> list[Entity]:
        wire, entity_set = self._dialect.wire, resource.entity_set
        first, written = 1 + len(entity_set.hidden), wire.writer(entity_set.properties)
        entities = []
        for row in rows:
            entity = written(row[first:])
            if entity_set.media_type:
                entity["@odata.mediaContentType"] = entity_set.media_type
            if resource.finish:
                resource.finish(entity, row[1:first])
            entities.append(entity)
        for name in expand:
            related = resource.expanders[name](rows, now)
            for row, entity in zip(rows, entities, strict=True):
                entity[name] = related.get(row[0], [])
        return entities

    def related(self, entity_set: str, owner: str) -> Expander:
        """An expander to the entities of a set whose column `owner` holds the rowid of what is expanded."""

        def expand(rows: Sequence[Row], now: int) -> Mapping[int, list[Entity]]:
            resource = self._resources[entity_set]
            found = fetch_related(self._database, resource.entity_set, owner, [row[0] for row in rows], now)
            groups: dict[int, list[Row]] = {}
            for number, row in found:
                groups.setdefault(number, []).append(row)
            return {number: self._render(resource, group, (), now) for number, group in groups.items()}

        return expand


def _context(entity_set: EntitySet, expand: Sequence[str]) -> str:
    expanded = ",".join(f"{name}()" for name in expand)
    return f"$metadata#{entity_set.name}({expanded})" if expand else f"$metadata#{entity_set.name}"


def _next_link(root: str, path: str, query: Mapping[str, str], options: QueryOptions) -> str:
    following = {f"${name}": value for name, value in query.items()}
    following |= {"$top": str(options.top), "$skip": str(options.skip + options.top)}
    return f"{root.rstrip('/')}/{path.strip('/')}?{urlencode(following)}"
