"""One server as seen by one user: the nouns of rs-server, each a small object over the same connection."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx
import pystac_client
from pystac_client.item_search import ItemSearch

from rs_client.catalog import Catalog
from rs_client.downloads import Downloads
from rs_client.grants import Grants
from rs_client.jobs import Jobs
from rs_client.keys import Keys
from rs_client.search import Criteria, open_service, search, search_url
from rs_client.transport import Api


class Client:
    """A connection to the rs-server at `url` with an API key (without one, as the anonymous user)."""

    def __init__(self, url: str, key: str = "", *, transport: httpx.BaseTransport | None = None) -> None:
        self.api = Api(url, key, transport=transport)
        self.catalog = Catalog(self.api)
        self.jobs = Jobs(self.api)
        self.keys = Keys(self.api)
        self.grants = Grants(self.api)
        self.downloads = Downloads(self.api)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.api.close()

    def me(self) -> dict[str, Any]:
        """Who the key belongs to: `user`, `groups`, `admin`, `key`, `grants`."""
        me: dict[str, Any] = self.api.request("GET", "/access/me")
        return me

    def open(self, service: str) -> pystac_client.Client:
        """The pystac-client of a service: `catalog`, `cadip`, `auxip`, `prip` or `lta`."""
        return open_service(self.api, service)

    def search(self, service: str, *, limit: int | None = None, **criteria: Any) -> ItemSearch:
        """A search of pystac-client, which gives `items()`; `criteria` are the fields of Criteria."""
        return search(self.api, service, Criteria(**criteria), limit)

    def search_url(self, service: str, **criteria: Any) -> str:
        """A search as a URL, to give to `jobs.stage`."""
        return search_url(self.api, service, Criteria(**criteria))
