"""Search a service of rs-server: pystac-client does the STAC, over this package's connection and errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pystac_client
from pystac_client.item_search import ItemSearch
from pystac_client.stac_api_io import StacApiIO

from rs_client.errors import InvalidCriteria
from rs_client.transport import Api

Service = Literal["catalog", "cadip", "auxip", "prip", "lta"]
PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What to search for; everything left out matches all."""

    collections: Sequence[str] = ()
    ids: Sequence[str] = ()
    datetime: str = ""
    """A time or an interval, such as `2024-11-14` (that day) or `2024-11-14T12:00:00Z/..` (from then on)."""
    filter: str = ""
    """CQL2 text, such as `platform = 'sentinel-1a'`."""
    bbox: Sequence[float] = ()

    def on(self, url: str, limit: int | None = None, **connection: Any) -> ItemSearch:
        """The search of pystac-client at `url`; `connection` is its `client` and `stac_io`.

        CQL2 text goes out as it is, so that the server explains what is wrong with it.
        """
        try:
            return ItemSearch(
                url,
                method="GET" if self.filter else "POST",
                max_items=limit,
                limit=min(limit or PAGE, PAGE),
                collections=list(self.collections) or None,
                ids=list(self.ids) or None,
                datetime=self.datetime or None,
                bbox=list(self.bbox) or None,
                filter=self.filter or None,
                filter_lang="cql2-text" if self.filter else None,
                **connection,
            )
        except Exception as error:  # pystac-client raises bare exceptions for criteria it cannot read
            raise InvalidCriteria(
                f"The search cannot be sent: {error}.", "Write a time as 2024-11-14, 2024-11-14T12:00:00Z or FROM/TO."
            ) from error


class ConnectedStacIO(StacApiIO):
    """pystac-client's reading and writing, done over `api`, so that there is one connection and one form of error."""

    def __init__(self, api: Api) -> None:
        super().__init__(max_retries=None)
        self._api = api

    def request(
        self,
        href: str,
        method: str | None = None,
        headers: dict[str, str] | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> str:
        """Send one request of pystac-client; raises RsClientError where the server refuses it."""
        method = (method or "GET").upper()
        body = {"json": parameters} if method in {"POST", "PUT", "PATCH"} else {"params": parameters or None}
        return self._api.send(self._api.build(method, href, headers=headers, **body)).text


def open_service(api: Api, service: str) -> pystac_client.Client:
    """The pystac-client of one service (`catalog`, `cadip`, ...)."""
    return pystac_client.Client.open(api.address(f"/{service}"), stac_io=ConnectedStacIO(api))


def search(api: Api, service: str, criteria: Criteria, limit: int | None = None) -> ItemSearch:
    """What of `service` matches, at most `limit` items; nothing is asked before its items are."""
    url = api.address(f"/{service}/search")
    return criteria.on(url, limit, client=open_service(api, service), stac_io=ConnectedStacIO(api))


def search_url(api: Api, service: str, criteria: Criteria) -> str:
    """The search as a URL, as staging takes it for `items.href`."""
    return criteria.on(api.address(f"/{service}/search")).url_with_parameters()
