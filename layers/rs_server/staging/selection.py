"""Selection: which assets of the given items a job transfers, and whether each may be one of ours at all.

Items come from a caller or from a station; both are taken as they are and checked as input. The result is plain data
that the job keeps, so that every later step sees the same items.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rs_server.access.resources import STATION, STATION_SERVICES, Resource, station_resource
from rs_server.errors import InvalidRequest
from rs_server.stac.ids import COLLECTION, check_asset_name, check_item_id

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """Which assets are wanted: those with one of `names` or matching one of `patterns`; both empty: all."""

    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()

    def accepts(self, name: str) -> bool:
        """Whether the asset of this name is wanted. `*`, `?` and `[...]` are wildcards in a pattern."""
        if not self.names and not self.patterns:
            return True
        return name in self.names or any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class SelectedAsset:
    """An asset to transfer."""

    name: str
    href: str
    size: int | None
    checksum: str


def features_of(document: Document) -> list[Document]:
    """The items of a Feature or FeatureCollection; raises InvalidRequest for anything else."""
    if document.get("type") == "Feature":
        return [document]
    features = document.get("features")
    if document.get("type") == "FeatureCollection" and isinstance(features, list):
        if not all(isinstance(feature, dict) for feature in features):
            raise InvalidRequest("inputs.items: every member of 'features' must be a STAC item.")
        return features
    raise InvalidRequest("inputs.items: give a STAC item (Feature) or an item collection (FeatureCollection).")


def select(items: Iterable[Document], wanted: AssetFilter) -> list[Document]:
    """The items with the wanted assets only; an item without one is left out, one that comes twice is taken once.

    Raises InvalidRequest for what is no STAC item, for names that cannot be part of a key, and for wanted names
    that no item has.
    """
    selected: dict[str, Document] = {}
    for item in items:
        check_item(item)
        assets = {name: asset for name, asset in item["assets"].items() if wanted.accepts(name)}
        if assets and item["id"] not in selected:
            selected[item["id"]] = {**item, "assets": assets}
    found = {name for item in selected.values() for name in item["assets"]}
    missing = [name for name in wanted.names if name not in found]
    if missing:
        raise InvalidRequest(f"inputs.asset_names: none of the items has an asset {missing[0]!r}.")
    return list(selected.values())


def check_item(item: Document) -> None:
    """Raise InvalidRequest unless `item` has the members of a STAC item that staging and the catalog rely on."""
    if item.get("type") != "Feature" or not isinstance(item.get("id"), str):
        raise InvalidRequest("inputs.items: an item must be a Feature with a text as its 'id'.")
    name = check_item_id(item["id"])
    if "geometry" not in item or not isinstance(item["geometry"], dict | None):
        raise InvalidRequest(f"Item {name!r}: the member 'geometry' is missing; it may be null (RFC 7946, 3.2).")
    if not isinstance(item.get("properties"), dict):
        raise InvalidRequest(f"Item {name!r}: the member 'properties' must be an object.")
    assets = item.get("assets")
    if not isinstance(assets, dict):
        raise InvalidRequest(f"Item {name!r}: the member 'assets' must be an object.")
    for asset_name, asset in assets.items():
        check_asset_name(asset_name)
        read_asset(name, asset_name, asset)


def read_asset(item: str, name: str, asset: Any) -> SelectedAsset:
    """What a transfer needs to know of an asset; raises InvalidRequest where a member is not what it must be."""
    where = f"Item {item!r}, asset {name!r}"
    if not isinstance(asset, dict) or not isinstance(asset.get("href"), str):
        raise InvalidRequest(f"{where}: it must be an object with a text as its 'href'.")
    if not asset["href"].startswith(("https://", "http://")):
        raise InvalidRequest(f"{where}: its 'href' must be an address at a station, beginning with 'https://'.")
    size, checksum = asset.get("file:size"), asset.get("file:checksum", "")
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
        raise InvalidRequest(f"{where}: 'file:size' must be a number of bytes.")
    if not isinstance(checksum, str):
        raise InvalidRequest(f"{where}: 'file:checksum' must be a text.")
    return SelectedAsset(name, asset["href"], size, checksum)


def station_of(item: Document) -> str:
    """The station that an item says it is at, such as `cadip:mti`; raises InvalidRequest without one."""
    station = item["properties"].get("rs:station")
    service, _, name = station.partition(":") if isinstance(station, str) else ("", "", "")
    if service not in STATION_SERVICES or not STATION.fullmatch(name):
        raise InvalidRequest(
            f"Item {item['id']!r}: 'rs:station' must name its station, as 'cadip:mti'. Search a station for items."
        )
    return f"{service}:{name}"


def is_offline(item: Document) -> bool:
    """Whether an archive has to bring the item online before it can be read (STAC order extension)."""
    status = item["properties"].get("order:status", "succeeded")
    return station_of(item).startswith("lta:") and status != "succeeded"


def check_orderable(item: Document) -> None:
    """Raise InvalidRequest unless an item that is offline says in which station collection it is ordered."""
    if is_offline(item) and not has_order_address(item):
        raise InvalidRequest(
            f"Item {item['id']!r} is offline, and its 'collection' is no collection of /lta, where it could be ordered."
        )


def has_order_address(item: Document) -> bool:
    """Whether an item says in which station collection it can be ordered."""
    collection = item.get("collection")
    return isinstance(collection, str) and bool(COLLECTION.fullmatch(collection))


def copies_of(item: Document, station: str) -> dict[str, SelectedAsset]:
    """The item's assets as one of the stations that have it has them, by asset name.

    Archives may pack a product differently: size and checksum are the copy's own, if it says one of them.
    """
    if station_of(item) == station:
        return {name: read_asset(item["id"], name, asset) for name, asset in item["assets"].items()}
    copies = {name: asset.get("alternate", {}).get(station) for name, asset in item["assets"].items()}
    return {name: _copy(item["id"], name, item["assets"][name], copy) for name, copy in copies.items() if copy}


def _copy(item_id: str, name: str, asset: Document, copy: Document) -> SelectedAsset:
    of_the_bytes = {member: asset[member] for member in ("file:size", "file:checksum") if member in asset}
    return read_asset(item_id, name, copy if copy.keys() & {"file:size", "file:checksum"} else of_the_bytes | copy)


def resource_of(station: str) -> Resource:
    """The resource that rights on a station are about."""
    service, _, name = station.partition(":")
    return station_resource(service, name)


def stations_of(items: Sequence[Document]) -> list[str]:
    """The stations of items, each once."""
    return sorted({station_of(item) for item in items})
