"""Search a service of rs-server: pystac-client does the STAC, over this package's connection and errors."""

from __future__ import annotations

from typing import Any

import pystac_client
from pystac_client.item_search import ItemSearch
from pystac_client.stac_api_io import StacApiIO

from rs_client.criteria import Criteria
from rs_client.transport import Api


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
