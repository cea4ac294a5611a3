"""What of CQL2's temporal and text functions a station can be asked; the filter itself is always evaluated again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rs_server.stations.filters import odata
from rs_server.stations.filters.areas import polygons_around
from rs_server.stations.filters.odata import UNASKED, Condition
from rs_server.stations.filters.syntax import Compare, Other
from rs_server.stations.odata.query import parse_datetime
from rs_server.stations.queryables import Same

if TYPE_CHECKING:
    from rs_server.stations.filters.pushdown import Pushdown


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of the filter; of a date that is not before its first and not after its last instant."""

    first: datetime
    last: datetime


End = Moment | str | None
"""An end of an interval: a moment, a property's name, or None where it is open."""


def push_function(pushdown: Pushdown, node: Other) -> Condition:
    """A superset of the entities for which `node` is true."""
    op, args = str(node.expression["op"]), list(node.expression["args"])
    if op.startswith("t_"):
        return Condition(_temporal(pushdown, op, _ends(args[0]), _ends(args[1])).text, exact=False)
    if op == "s_intersects":
        return _intersecting(pushdown, args)
    if op == "=":
        return _without_case(pushdown, args[0], args[1])
    return UNASKED


def _ends(node: Any) -> tuple[End, End]:
    if isinstance(node, dict) and "interval" in node:
        start, end = node["interval"]
        return _end(start), _end(end)
    return _end(node), _end(node)


def _end(node: Any) -> End:
    if isinstance(node, dict) and "property" in node:
        return str(node["property"])
    text = str(next(iter(node.values())) if isinstance(node, dict) else node)
    if text == "..":
        return None
    moment = parse_datetime(text)
    return Moment(moment, moment + timedelta(days=1) if len(text) == len("2024-11-14") else moment)


def _temporal(pushdown: Pushdown, op: str, left: tuple[End, End], right: tuple[End, End]) -> Condition:
    """Necessary conditions on start and end: `t_after` begins at the other's end or later, and so on."""
    if op == "t_disjoint":
        return UNASKED
    if op == "t_after":
        return _ordered(pushdown, right[1], left[0])
    if op == "t_before":
        return _ordered(pushdown, left[1], right[0])
    return odata.all_of([_ordered(pushdown, left[0], right[1]), _ordered(pushdown, right[0], left[1])])


def _ordered(pushdown: Pushdown, earlier: End, later: End) -> Condition:
    """`earlier <= later`, where one is a property and the other a moment."""
    match earlier, later:
        case str(name), Moment(_, last):
            return pushdown.push(Compare(name, "<=", last), positive=True)
        case Moment(first, _), str(name):
            return pushdown.push(Compare(name, ">=", first), positive=True)
    return UNASKED


def _without_case(pushdown: Pushdown, left: Any, right: Any) -> Condition:
    """`casei(property) = casei('text')` as `tolower(property) eq 'text'`, for ASCII, where both fold alike."""
    name, text = _folded(left), _folded(right)
    if not isinstance(name, dict) or not isinstance(text, str) or not text.isascii():
        return UNASKED
    source = pushdown.source(name["property"]) if "property" in name else None
    if not isinstance(source, Same) or source.fallback or source.column.attribute or source.column.kind != "string":
        return UNASKED
    station, path = pushdown.station, source.column.path
    if not (station.understands("tolower", path) and station.understands("eq", path)):
        return UNASKED
    return Condition(f"tolower({path}) eq {odata.literal(text.lower())}", exact=False)


def _folded(node: Any) -> Any:
    return _folded(node["args"][0]) if isinstance(node, dict) and node.get("op") == "casei" else node


def _intersecting(pushdown: Pushdown, args: list[Any]) -> Condition:
    """A geometry that meets an area: asked polygon by polygon, other areas by the box around them."""
    names = [arg.get("property") for arg in args if isinstance(arg, dict) and "property" in arg]
    areas = [arg for arg in args if isinstance(arg, dict) and "property" not in arg]
    if names != ["geometry"] or len(areas) != 1 or not pushdown.station.understands("intersects"):
        return UNASKED
    polygons = [f"OData.CSC.Intersects(area=geography'SRID=4326;{text}')" for text in polygons_around(areas[0])]
    pushed = odata.any_of(pushdown.station, [Condition(text) for text in polygons])
    return Condition(pushed.text, exact=False) if polygons else UNASKED
