"""pystac-client on the deployed stack, as anyone would use it: no code of ours between."""

from __future__ import annotations

from typing import Any

import httpx
import pystac_client
import pytest

from local.stack_file import Stack

SESSION = "S1A_20241114143038056552"
TOKEN_REQUEST = {
    "grant_type": "password",
    "username": "rs",
    "password": "rs-password",
    "client_id": "rs-client",
    "client_secret": "rs-client-secret",
    "scope": "openid",
}


def opened(stack: Stack, service: str) -> pystac_client.Client:
    headers = {"Authorization": f"Bearer {stack.keys['alice']}"}
    return pystac_client.Client.open(f"{stack.api_url}/{service}", headers=headers, timeout=60)


@pytest.fixture(scope="module")
def sessions(stack: Stack) -> dict[str, dict[str, Any]]:
    """The sessions of Sentinel-1 that the station itself tells of, by the id that their item has."""
    station = stack.stations["cadip"]
    token = httpx.post(f"{station['url']}/oauth2/token", data=TOKEN_REQUEST).raise_for_status().json()["access_token"]
    query = {"$filter": "startswith(Satellite,'S1')", "$top": "1000", "$expand": "Files"}
    answer = httpx.get(f"{station['service_root']}Sessions", params=query, headers={"authorization": f"Bearer {token}"})
    found = answer.raise_for_status().json()["value"]
    return {session["SessionId"] + (".r1" if session["Retransfer"] else ""): session for session in found}


def test_the_recorded_session_is_found(stack, sessions):
    (item,) = opened(stack, "cadip").search(collections=["s1_mti"], ids=[SESSION]).items()
    assert item.id == SESSION
    assert {name: asset.extra_fields["file:size"] for name, asset in item.assets.items()} == {
        file["Name"]: file["Size"] for file in sessions[SESSION]["Files"]
    }
    assert len(item.assets) == 38
    assert item.properties["platform"] == "sentinel-1a"
    assert item.properties["sat:absolute_orbit"] == 56552


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("size", [7, 10, 100])
def test_pages_lose_nothing_and_double_nothing(stack, sessions, method, size):
    search = opened(stack, "cadip").search(method=method, collections=["s1_mti"], limit=size)
    pages = [[item["id"] for item in page["features"]] for page in search.pages_as_dicts()]
    found = [name for page in pages for name in page]
    assert len(sessions) >= 40
    assert sorted(found) == sorted(sessions)
    assert max(map(len, pages)) <= size


def test_a_time_interval_is_kept_over_pages(stack):
    interval = "2024-11-14T00:00:00Z/2024-11-14T23:59:59Z"
    found = list(opened(stack, "cadip").search(collections=["s1_mti"], datetime=interval, limit=3).items_as_dicts())
    assert SESSION in {item["id"] for item in found}
    assert all(item["properties"]["datetime"].startswith("2024-11-14T") for item in found)
    assert len({item["id"] for item in found}) == len(found) > 3


def test_cql2_reaches_the_station(stack, sessions):
    search = opened(stack, "cadip").search(
        collections=["s1_mti"], filter="platform = 'sentinel-1c'", filter_lang="cql2-text", method="GET"
    )
    expected = [name for name, session in sessions.items() if session["Satellite"] == "S1C"]
    assert sorted(item.id for item in search.items()) == sorted(expected)


def test_the_catalog_is_read(stack, staged_session):
    catalog = opened(stack, "catalog")
    assert staged_session in {collection.id for collection in catalog.get_collections()}
    (item,) = catalog.search(collections=[staged_session], ids=[SESSION]).items()
    assert len(item.assets) == 38
    same = catalog.get_collection(staged_session).get_item(SESSION)
    assert same is not None
    assert same.to_dict(transform_hrefs=False)["assets"] == item.to_dict(transform_hrefs=False)["assets"]


def test_the_root_leads_to_the_services(stack):
    root = pystac_client.Client.open(stack.api_url, headers={"x-api-key": stack.keys["alice"]}, timeout=60)
    assert {link.get_absolute_href() for link in root.get_child_links()} >= {
        f"{stack.api_url}/catalog",
        f"{stack.api_url}/cadip",
    }
