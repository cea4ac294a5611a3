"""Gathering: the items that a job is about, from wherever its request says, each checked to be at its station.

Items at an address of ours are asked for with the owner's principal, page by page. Nothing is read from a station here.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

from rs_server.access.rights import Rights
from rs_server.errors import BackendFailed, InvalidRequest
from rs_server.staging.addresses import BaseUrl, ServiceAddress
from rs_server.staging.documents import ItemsRequest
from rs_server.staging.selection import features_of, resource_of, select, station_of, stations_of
from rs_server.staging.services import Services
from rs_server.staging.sources import Sources

Document = dict[str, Any]
MOST_ITEMS = 10_000
MOST_FILES = 50_000


class Gatherer:
    """Gathers items for jobs."""

    def __init__(self, services: Services, sources: Sources, base_url: BaseUrl) -> None:
        self.services = services
        self.sources = sources
        self.base_url = base_url

    async def gather(self, request: ItemsRequest, rights: Rights) -> list[Document]:
        """The items that `request` asks for, with the wanted assets only; raises what is wrong with one of them."""
        items = await self._items_at(request.address, rights) if request.address else features_of(request.value or {})
        selected = select(items, request.wanted)
        files = sum(len(item["assets"]) for item in selected)
        if files > MOST_FILES:
            raise InvalidRequest(
                f"inputs.items: {files} files are more than one job takes ({MOST_FILES}). Ask for less."
            )
        await self._check_sources(selected, rights)
        return selected

    async def _items_at(self, address: ServiceAddress, rights: Rights) -> list[Document]:
        """All items at an address of ours, page by page, as the job's owner sees them."""
        base_url = await self.base_url()
        items: list[Document] = []
        seen: set[ServiceAddress] = set()
        following: ServiceAddress | None = address
        while following and following not in seen:
            seen.add(following)
            page = await self.services.get(following, rights.principal)
            items += features_of(page)
            if len(items) > MOST_ITEMS:
                raise InvalidRequest(f"inputs.items.href: it has more than {MOST_ITEMS} items. Narrow the search.")
            following = next_page(page, base_url, self.services)
        if following:
            raise BackendFailed(f"The pages of {address.path} go in circles.")
        return items

    async def _check_sources(self, items: list[Document], rights: Rights) -> None:
        """Raise unless the owner may download from each station, and each asset is at the station its item names."""
        stations = stations_of(items)
        for station in stations:
            rights.require("download", resource_of(station), absent=f"Station {station!r} is not known here.")
        sources = dict(zip(stations, await asyncio.gather(*map(self.sources.of, stations)), strict=True))
        for item in items:
            station = station_of(item)
            for name, asset in item["assets"].items():
                if not sources[station].owns(asset["href"]):
                    host = urlsplit(asset["href"]).netloc
                    raise InvalidRequest(
                        f"Item {item['id']!r}, asset {name!r}: its href is at {host!r}, which is not station {station}."
                    )


def next_page(page: Document, base_url: str, services: Services) -> ServiceAddress | None:
    """Where the following page is; None after the last one."""
    links = page.get("links") or []
    hrefs = [link["href"] for link in links if link.get("rel") == "next" and link.get("method", "GET") == "GET"]
    return ServiceAddress.parse(hrefs[0], base_url, services.functions) if hrefs else None
