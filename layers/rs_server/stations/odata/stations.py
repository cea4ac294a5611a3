"""Clients of all stations of one container: made at first use, each with the station's shared token."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import httpx

from rs_server.stations.credentials import StationSecrets
from rs_server.stations.odata.client import Decode, ODataClient
from rs_server.stations.odata.gate import Gate
from rs_server.stations.odata.http import Timing
from rs_server.stations.odata.token_endpoint import TokenEndpoint
from rs_server.stations.odata.tokens import StationTokens, TokenStore
from rs_server.stations.profiles.model import Station

StoreOf = Callable[[str], TokenStore]
"""Gives the token store of a station id such as `cadip:mti`."""

GateOf = Callable[[Station], Gate]
"""Gives the gate before a station."""


class StationClients:
    """Gives the OData client of a station; its credentials are read and its addresses settled at first use."""

    def __init__(
        self,
        secrets: StationSecrets,
        store_of: StoreOf,
        http: httpx.AsyncClient,
        gate_of: GateOf | None = None,
        timing: Timing | None = None,
        decode: Decode = json.loads,
    ) -> None:
        self.secrets = secrets
        self.store_of = store_of
        self.http = http
        self.gate_of = gate_of
        self.timing = timing or Timing()
        self.decode = decode
        self._clients: dict[str, ODataClient] = {}
        self._turn = asyncio.Lock()

    async def of(self, station: Station) -> ODataClient:
        """The client of `station`; raises BackendUnavailable where its credentials are not at hand."""
        async with self._turn:
            if station.id not in self._clients:
                credentials = await self.secrets.of(station)
                located = credentials.located(station)
                issuer = TokenEndpoint(located, credentials, self.http)
                tokens = StationTokens(station.id, issuer, self.store_of(station.id), self.timing)
                gate = self.gate_of(located) if self.gate_of else None
                self._clients[station.id] = ODataClient(located, self.http, tokens, gate, self.timing, self.decode)
            return self._clients[station.id]

    async def close(self) -> None:
        """End all connections."""
        await self.http.aclose()


def new_http_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """The HTTP client that all stations of a container share: redirects are ours to follow, no proxy variables."""
    return httpx.AsyncClient(transport=transport, follow_redirects=False, trust_env=False)
