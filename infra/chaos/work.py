"""What a campaign stages: items of all four stations, in jobs of different kinds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched, islice
from typing import Any

from rs_client import Client

Item = dict[str, Any]
PRODUCTS_A_JOB = 20
SHARES = {"prip": 0.18, "auxip": 0.1, "lta": 0.06}
"""Part of a campaign's files that come from stations of products; the others are chunks of downlink sessions."""


@dataclass(frozen=True, slots=True)
class Order:
    """A job to be: its items, and how they are to be published."""

    items: Sequence[Item]
    publication: str
    priority: str

    @property
    def files(self) -> int:
        """How many files its items have."""
        return sum(len(item["assets"]) for item in self.items)


@dataclass(slots=True)
class Work:
    """All jobs of a campaign."""

    orders: list[Order] = field(default_factory=list)

    @property
    def items(self) -> dict[str, Item]:
        """Every item, by its id."""
        return {item["id"]: item for order in self.orders for item in order.items}

    @property
    def files(self) -> int:
        """How many files there are."""
        return sum(len(item["assets"]) for item in self.items.values())


def plan(client: Client, files: int, chance: random.Random) -> Work:
    """Jobs with at least `files` files. Only products that declare a checksum, so that a wrong byte can be told."""
    work = Work()
    for service, share in SHARES.items():
        found = (item for item in _items(client, service) if _checked(item))
        for batch in batched(islice(found, int(files * share)), PRODUCTS_A_JOB, strict=False):
            work.orders.append(_order(batch, chance))
    for session in _items(client, "cadip"):
        if work.files >= files:
            break
        if session["assets"] and session["id"] not in work.items:
            work.orders.append(_order([session], chance))
    chance.shuffle(work.orders)
    return work


def _order(items: Sequence[Item], chance: random.Random) -> Order:
    publication, priority = chance.choice(("atomic", "partial")), chance.choice(("low", "normal", "high"))
    return Order(items, publication, priority)


def _items(client: Client, service: str) -> Iterator[Item]:
    return (item.to_dict(transform_hrefs=False) for item in client.search(service, limit=2000).items())


def _checked(item: Item) -> bool:
    return all(asset.get("file:checksum") for asset in item["assets"].values())
