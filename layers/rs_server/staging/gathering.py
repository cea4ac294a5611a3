"""Gathering: the items that a job is about, from wherever its request says, each checked to be at its station.

Items at an address of ours are asked for with the owner's principal, page by page. Pages are kept, since a search may
have more of them than a function has time for. Nothing is read from a station here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from rs_server.access.rights import Rights
from rs_server.errors import BackendFailed, InvalidRequest
from rs_server.staging.addresses import BaseUrl, ServiceAddress
from rs_server.staging.documents import JobDocuments
from rs_server.staging.selection import check_orderable, features_of, resource_of, select, station_of, stations_of
from rs_server.staging.services import Services
from rs_server.staging.sources import Sources

Document = dict[str, Any]
MOST_ITEMS = 10_000
PAGE = 100
"""Items asked for at once; a session may have 170 files, and an answer 6 MB."""
MOST_FILES = 50_000


class Gatherer:
    """Gathers items for jobs."""

    def __init__(self, services: Services, sources: Sources, base_url: BaseUrl, documents: JobDocuments) -> None:
        self.services = services
        self.sources = sources
        self.base_url = base_url
        self.documents = documents
        self.kept = 0
        """Pages that were kept: what the next worker need not ask for again."""

    async def gather(self, job_id: str, rights: Rights) -> list[Document]:
        """The items that a job asks for, with the wanted assets only; raises what is wrong with one of them."""
        request = await self.documents.read_request(job_id)
        if request.address:
            items = await self._items_at(request.address, job_id, rights)
        else:
            items = features_of(request.value or {})
        selected = select(items, request.wanted)
        files = sum(len(item["assets"]) for item in selected)
        if files > MOST_FILES:
            raise InvalidRequest(
                f"inputs.items: {files} files are more than one job takes ({MOST_FILES}). Ask for less."
            )
        await self._check_sources(selected, rights)
        return selected

    async def _items_at(self, address: ServiceAddress, job_id: str, rights: Rights) -> list[Document]:
        """All items at an address of ours, page by page, as the job's owner sees them."""
        items: list[Document] = []
        seen: set[ServiceAddress] = set()
        following: ServiceAddress | None = in_large_pages(address)
        kept: Document | None = {}
        while following and following not in seen:
            if kept is not None:
                kept = await self.documents.read_page(job_id, len(seen))
            page = kept or await self._page(following, job_id, len(seen), rights)
            seen.add(following)
            items += page["items"]
            if len(items) > MOST_ITEMS:
                raise InvalidRequest(f"inputs.items.href: it has more than {MOST_ITEMS} items. Narrow the search.")
            following = ServiceAddress.from_document(page["next"]) if page["next"] else None
        if following:
            raise BackendFailed(f"The pages of {address.path} go in circles.")
        return items

    async def _page(self, address: ServiceAddress, job_id: str, number: int, rights: Rights) -> Document:
        """One page: its `items`, and the address of the `next`. It is kept, unless it is the only one."""
        answer = await self.services.get(address, rights.principal)
        following = next_page(answer, await self.base_url(), self.services)
        page = {"items": features_of(answer), "next": following.to_document() if following else None}
        if number or following:
            page = await self.documents.write_page(job_id, number, page)
            self.kept += 1
        return page

    async def _check_sources(self, items: list[Document], rights: Rights) -> None:
        """Raise unless the owner may download from each station, and each asset is at the station its item names."""
        stations = stations_of(items)
        for station in stations:
            rights.require("download", resource_of(station), absent=f"Station {station!r} is not known here.")
        sources = dict(zip(stations, await asyncio.gather(*map(self.sources.of, stations)), strict=True))
        for item in items:
            station = station_of(item)
            check_orderable(item)
            for name, asset in item["assets"].items():
                if not sources[station].owns(asset["href"]):
                    host = urlsplit(asset["href"]).netloc
                    raise InvalidRequest(
                        f"Item {item['id']!r}, asset {name!r}: its href is at {host!r}, which is not station {station}."
                    )


def in_large_pages(address: ServiceAddress) -> ServiceAddress:
    """A list's address with a page size, where it has none: every page is read, so a few large ones are quicker."""
    is_list = address.path.rstrip("/").endswith(("/search", "/items"))
    if not is_list or any(name == "limit" for name, _ in address.query):
        return address
    return replace(address, query=(*address.query, ("limit", str(PAGE))))


def next_page(page: Document, base_url: str, services: Services) -> ServiceAddress | None:
    """Where the following page is; None after the last one."""
    links = page.get("links") or []
    hrefs = [link["href"] for link in links if link.get("rel") == "next" and link.get("method", "GET") == "GET"]
    return ServiceAddress.parse(hrefs[0], base_url, services.functions) if hrefs else None
