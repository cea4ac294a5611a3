"""A station service, and an administrator's client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.unit.stations.api.service import client_of, sessions
from tests.unit.stations.search.doubles import Service
from tests.unit.stations.station_double import StationDouble


@pytest.fixture
def service() -> Service:
    return Service({"mti": StationDouble(sessions())})


@pytest.fixture
async def api(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as client:
        yield client
