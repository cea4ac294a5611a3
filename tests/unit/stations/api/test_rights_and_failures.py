"""Who sees what, and what users are told of stations that fail."""

from __future__ import annotations

import httpx

from rs_server.access.principals import ANONYMOUS
from rs_server.access.rights import Rights
from tests.unit.stations.api.service import client_of, links, sessions
from tests.unit.stations.search.doubles import Service, user
from tests.unit.stations.station_double import StationDouble


async def test_what_is_not_seen_is_as_if_it_were_not_there(service: Service) -> None:
    async with client_of(service, user("cadip:sgs")) as api:
        assert (await api.get("/collections")).json()["collections"] == []
        assert links((await api.get("/")).json(), "child") == []
        assert (await api.get("/search")).json()["features"] == []
        hidden, absent = await api.get("/collections/s1_mti"), await api.get("/collections/s9_mti")
        assert hidden.status_code == absent.status_code == 404
        assert hidden.json()["description"] == absent.json()["description"].replace("s9", "s1")


async def test_without_a_credential(service: Service) -> None:
    async with client_of(service, Rights(ANONYMOUS)) as api:
        for path in (
            "/collections/s1_mti",
            "/collections/nope",
            "/collections/s1_mti/items",
            "/search?collections=s1_mti",
        ):
            answer = await api.get(path)
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == "Bearer"
        assert (await api.get("/")).status_code == 200
        assert (await api.get("/collections")).json()["collections"] == []
    assert service.stations["mti"].requests == []


async def test_a_station_that_is_missing_is_named() -> None:
    service = Service({"mti": StationDouble(sessions()), "sgs": StationDouble([])})
    service.stations["sgs"].before = lambda number: httpx.Response(503, text="password=s3cret")
    async with client_of(service) as api:
        answer = await api.get("/search")
    assert answer.json()["rs:partial"] == [
        {"station": "cadip:sgs", "reason": "Station cadip:sgs is not available (503)."}
    ]
    assert "numberMatched" not in answer.json()
    assert len(answer.json()["features"]) == 10


async def test_no_station_at_all_is_a_5xx_without_secrets(service: Service) -> None:
    service.stations["mti"].before = lambda number: httpx.Response(500, text="password=s3cret")
    async with client_of(service) as api:
        answer = await api.get("/search")
    assert answer.status_code == 502
    assert answer.json()["code"] == "BackendFailed"
    assert "s3cret" not in answer.text
