"""The LTA service and its archives, whose orders take their time, fail and find nothing as tests want it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from tests.unit.staging.cast import item
from tests.unit.staging.services import missing, reply
from tests.unit.staging.station import FakeStation
from tests.unit.staging.world import World

ARCHIVES = ("acri", "cloudferro")
HOUR = 3600


@dataclass
class Archives:
    """The LTA service and its archives: orders are done after some seconds, and fail where they are told to."""

    world: World
    seconds: float = 100.0
    failing: set[str] = field(default_factory=set)
    """Archives whose orders fail."""
    orders: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Item and time of each order."""
    asked: list[str] = field(default_factory=list)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The products, as the service shows them now."""
    without: list[str] = field(default_factory=list)
    """What orders said of archives that did not have it."""
    refuses: Callable[[], dict[str, Any] | None] = lambda: None

    def __post_init__(self) -> None:
        for name in ARCHIVES:
            self.world.stations[f"lta:{name}"] = FakeStation(root=f"https://{name}.test/odata/v1/")
        for what in ("lta:acri", "lta:cloudferro"):
            pattern = ResourcePattern.parse(what)
            self.world.people.grants.append(Grant("user:alice", pattern, frozenset({"read", "download"})))
        self.world.services.functions["lta-fn"] = self

    def product(self, name: str, size: int = 1000, **properties: Any) -> dict[str, Any]:
        """An item at both archives, offline at each."""
        status = properties.get("order:status", "orderable")
        copies = {}
        for archive in ARCHIVES:
            station = self.world.stations[f"lta:{archive}"]
            station.files[f"{name}.zip"] = archive[0].encode() * size
            copies[f"lta:{archive}"] = {
                "href": f"{station.root}Files({name}.zip)/$value",
                "rs:station": f"lta:{archive}",
                "order:status": status,
            }
        primary = copies.pop("lta:acri")
        asset = {"href": primary["href"], "file:size": size, "alternate": copies}
        offline = {"rs:station": "lta:acri", "order:status": "orderable", **properties}
        self.items[name] = item(name, {f"{name}.zip": asset}, **offline) | {"collection": "s1_lta"}
        return self.items[name]

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        path = event["path"]
        self.asked.append(f"{event['httpMethod']} {path}")
        if refusal := self.refuses():
            return refusal
        if "/items/" in path and event["httpMethod"] == "GET":
            return reply(200, self.items[path.rpartition("/")[2]])
        if event["httpMethod"] == "GET":
            name = path.removeprefix("/lta/orders/")
            return reply(200, self._told(name)) if name in self.orders else missing(path)
        product = path.split("/")[-2]
        self.without.append((event["queryStringParameters"] or {}).get("without", ""))
        missed = self.without[-1].replace("lta:", "").split(",")
        for name, (ordered, _) in self.orders.items():
            if name.partition(":")[0] in missed:
                continue
            if ordered == product and self._told(name)["order:status"] != "failed":
                return reply(200, self._told(name))
        tried = {name.partition(":")[0] for name, (ordered, _) in self.orders.items() if ordered == product}
        tried |= set(missed)
        archive = next((archive for archive in ARCHIVES if archive not in tried), ARCHIVES[0])
        name = f"{archive}:{len(self.orders)}"
        self.orders[name] = (product, self.world.clock.seconds)
        return reply(201, self._told(name))

    def _told(self, name: str) -> dict[str, Any]:
        archive = name.partition(":")[0]
        done = self.world.clock.seconds >= self.orders[name][1] + self.seconds
        status = ("failed" if archive in self.failing else "succeeded") if done else "shipping"
        return {
            "id": name,
            "rs:station": f"lta:{archive}",
            "order:status": status,
            "estimated": "2026-11-23T10:01:40Z",
        }


def collection(*items: dict[str, Any]) -> dict[str, Any]:
    return {"value": {"type": "FeatureCollection", "features": list(items)}}


def at_one_archive(product: dict[str, Any]) -> dict[str, Any]:
    """A product as it is found while the other archive is out of reach."""
    plain = {
        name: {key: asset[key] for key in asset if key != "alternate"} for name, asset in product["assets"].items()
    }
    return product | {"assets": plain}


def gone(status: int) -> Callable[[httpx.Request], httpx.Response | None]:
    """An archive that has nothing online."""
    return lambda _: httpx.Response(status)
