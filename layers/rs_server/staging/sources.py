"""Sources: the stations that assets come from, each by its own client, which reaches no address but its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import httpx

from rs_server.access.resources import STATION_SERVICES
from rs_server.errors import InvalidRequest
from rs_server.stations.odata.stations import StationClients
from rs_server.stations.profiles import Station, load_profiles


class Source(Protocol):
    """What a transfer needs of a station: stations' ODataClient, or a test's own."""

    def owns(self, url: str) -> bool:
        """Whether `url` is an address of this station."""
        ...

    def stream(
        self, url: str, headers: Mapping[str, str] | None = None, /
    ) -> AbstractAsyncContextManager[httpx.Response]:
        """The answer to a GET of `url` (200, 202 or 206), its body still to be read."""
        ...


class Capacity(Protocol):
    """What stations bear."""

    async def places(self, station: str) -> int:
        """How many downloads a station takes at once."""
        ...


class Sources(Capacity, Protocol):
    """Gives the source of a station."""

    async def of(self, station: str) -> Source:
        """The source of a station such as `cadip:mti`; raises InvalidRequest for one that is not known here."""
        ...


class StationSources:
    """The stations of this deployment's profiles."""

    def __init__(self, stations: Mapping[str, Station], clients: StationClients) -> None:
        self.stations = stations
        """Each station by its id, such as `cadip:mti`."""
        self.clients = clients

    async def of(self, station: str) -> Source:
        """The station's client; raises InvalidRequest for a station that is in no profile."""
        return await self.clients.of(self._known(station))

    async def places(self, station: str) -> int:
        """The connections that its profile allows; the clients keep one of several for queries."""
        return max(1, self._known(station).limits.connections - 1)

    def _known(self, station: str) -> Station:
        if station not in self.stations:
            raise InvalidRequest(f"Station {station!r} is not known here.")
        return self.stations[station]


def load_stations(folder: str, services: Iterable[str]) -> dict[str, Station]:
    """The stations in the profiles of those services that this deployment has, by their ids."""
    profiles = [load_profiles(folder, service) for service in services if service in STATION_SERVICES]
    return {station.id: station for profile in profiles for station in profile.stations.values()}
