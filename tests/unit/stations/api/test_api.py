from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pystac
import pytest

from rs_server.access.principals import ANONYMOUS, Principal
from rs_server.access.rights import Rights
from rs_server.http import serve
from rs_server.stations.api.app import create_app
from tests.unit.stations.search.doubles import ADMIN, Service, session, user
from tests.unit.stations.station_double import StationDouble

START = datetime(2024, 11, 14, 12, 0, tzinfo=UTC)
BASE = "https://api.test/prod"
ROOT = f"{BASE}/cadip"


class Grants:
    def __init__(self, rights: Rights) -> None:
        self.rights = rights

    async def rights_of(self, principal: Principal) -> Rights:
        assert principal == ANONYMOUS
        return self.rights


async def base_url() -> str:
    return BASE


def sessions() -> list[dict[str, Any]]:
    made = [session(n, START + timedelta(minutes=n)) for n in range(15)]
    return made + [session(100 + n, START + timedelta(minutes=n), "S2A") for n in range(5)]


@pytest.fixture
def service() -> Service:
    return Service({"mti": StationDouble(sessions())})


def client_of(service: Service, rights: Rights = ADMIN) -> httpx.AsyncClient:
    app = serve(create_app(service.search, Grants(rights)), base_url, "/cadip")
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="https://x/cadip")


@pytest.fixture
async def api(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as client:
        yield client


def links(document: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in document["links"] if link["rel"] == rel]


async def test_landing_page(api: httpx.AsyncClient) -> None:
    page = (await api.get("/")).json()
    pystac.Catalog.from_dict(page)
    assert [link["href"] for link in links(page, "self")] == [f"{ROOT}/"]
    assert [(link["href"], link["title"]) for link in links(page, "child")] == [
        (f"{ROOT}/collections/s1_mti", "s1_mti"),
        (f"{ROOT}/collections/s2_mti", "s2_mti"),
    ]
    assert [(link["type"], link["method"]) for link in links(page, "search")] == [
        ("application/geo+json", "GET"),
        ("application/geo+json", "POST"),
    ]
    for rel in ("root", "data", "conformance", "service-desc", "service-doc"):
        (link,) = links(page, rel)
        assert (await api.get(link["href"].removeprefix(ROOT))).status_code == 200, rel
    (description,) = links(page, "service-desc")
    assert description["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert page["conformsTo"] == (await api.get("/conformance")).json()["conformsTo"]


async def test_collections(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/collections")).json()
    assert [each["id"] for each in answer["collections"]] == ["s1_mti", "s2_mti"]
    one = (await api.get("/collections/s1_mti")).json()
    assert one == answer["collections"][0]
    collection = pystac.Collection.from_dict(one)
    assert collection.extent.temporal.intervals[0] == [datetime(2014, 4, 3, tzinfo=UTC), None]
    assert {link["rel"] for link in one["links"]} >= {"self", "root", "parent", "items"}


@pytest.mark.parametrize("path", ["/queryables", "/collections/s1_mti/queryables"])
async def test_queryables(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    assert schema["$id"] == ROOT + path
    assert schema["additionalProperties"] is False
    assert schema["properties"]["datetime"]["format"] == "date-time"
    assert "sentinel-1a" in schema["properties"]["platform"]["enum"]
    assert schema["properties"]["cadip:retransfer"]["type"] == "boolean"


async def test_an_item(api: httpx.AsyncClient) -> None:
    wanted = sessions()[3]["SessionId"]
    answer = await api.get(f"/collections/s1_mti/items/{wanted}")
    assert answer.headers["content-type"] == "application/geo+json"
    item = answer.json()
    pystac.Item.from_dict(item)
    address = f"{ROOT}/collections/s1_mti"
    assert {link["rel"]: link["href"] for link in item["links"]} == {
        "self": f"{address}/items/{wanted}",
        "root": f"{ROOT}/",
        "parent": address,
        "collection": address,
    }
    assert all(asset["href"].startswith("https://mti.test/odata/v1/Files(") for asset in item["assets"].values())


async def test_items_are_paged_by_links_alone(api: httpx.AsyncClient) -> None:
    found: list[str] = []
    address = "/collections/s1_mti/items?limit=4"
    while address:
        page = (await api.get(address)).json()
        found += [item["id"] for item in page["features"]]
        following = links(page, "next")
        address = following[0]["href"].removeprefix(ROOT) if following else ""
    assert found == [each["SessionId"] for each in reversed(sessions()[:15])]


async def test_search_is_paged_by_post(api: httpx.AsyncClient) -> None:
    body: dict[str, Any] = {"collections": ["s1_mti"], "limit": 4, "sortby": [{"field": "published"}]}
    found: list[str] = []
    while body:
        page = (await api.post("/search", json=body)).json()
        found += [item["id"] for item in page["features"]]
        following = links(page, "next")
        assert all(link["method"] == "POST" and link["href"] == f"{ROOT}/search" for link in following)
        body = following[0]["body"] if following else {}
    assert found == [each["SessionId"] for each in sessions()[:15]]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("limit=100", 20),
        ("collections=s2_mti", 5),
        ("collections=s1_mti,s2_mti&limit=100", 20),
        ("datetime=2024-11-14T12:02:33Z", 2),
        ("datetime=2024-11-14T12:02:33Z/2024-11-14T12:03:33Z", 4),
        ("datetime=2024-11-14T12:10:33Z/..", 4),
        ("datetime=../2024-11-14T12:00:33Z", 4),
        ("datetime=/2024-11-14T12:00:33Z", 4),
        ("filter=platform='sentinel-2a'", 5),
        ("filter=platform='sentinel-2a'&filter-lang=cql2-text", 5),
        ('filter={"op":"=","args":[{"property":"platform"},"sentinel-2a"]}&filter-lang=cql2-json', 5),
        ('query={"sat:absolute_orbit":{"gte":3,"lt":5}}', 2),
        ('query={"platform":{"startsWith":"sentinel-2"}}', 5),
        ('query={"cadip:antenna_id":{"endsWith":"2","neq":"TLR1"},"platform":{"in":["sentinel-2a"]}}', 2),
        ('query={"cadip:antenna_id":{"contains":"%"}}', 0),
        ('query={"sat:absolute_orbit":{"in":["3","4.0"]}}', 2),
        ("bbox=-10,-10,10,10", 0),
        ("bbox=170,-10,-170,10", 0),
        ('intersects={"type":"Point","coordinates":[1,2]}', 0),
        ("ids=none", 0),
        ("filter=rs:complete&limit=100", 20),
        ("limit=5000", 20),
    ],
)
async def test_search_by_get(api: httpx.AsyncClient, query: str, count: int) -> None:
    answer = await api.get(f"/search?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["numberReturned"] == len(answer.json()["features"]) == count


async def test_search_by_post_takes_the_same(api: httpx.AsyncClient) -> None:
    body = {
        "datetime": "2024-11-14T12:00:00Z/2024-11-14T13:00:00Z",
        "filter": {"op": "=", "args": [{"property": "platform"}, "sentinel-2a"]},
        "query": {"sat:absolute_orbit": {"gt": 101}},
        "fields": {"include": ["properties.platform"], "exclude": ["links"]},
        "limit": 1,
    }
    page = (await api.post("/search", json=body)).json()
    assert page["features"] == [
        {
            "type": "Feature",
            "stac_version": "1.1.0",
            "id": sessions()[19]["SessionId"],
            "collection": "s2_mti",
            "properties": {"platform": "sentinel-2a"},
        }
    ]
    (following,) = links(page, "next")
    assert set(following["body"]) == {*body, "token"}
    assert list((await api.post("/search", json=following["body"])).json()["features"][0]["properties"]) == ["platform"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("datetime=yesterday", "RFC3339"),
        ("datetime=2024-13-01T00:00:00Z", ""),
        ("datetime=2024-11-14T12:00:00Z/2024-11-13T12:00:00Z", "before"),
        ("datetime=../..", ""),
        ("datetime=", ""),
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,2,a,3", "bbox"),
        ("bbox=0,10,1,-10", "bbox"),
        ("bbox=0,0,nan,1", "bbox"),
        ('bbox=0,0,1,1&intersects={"type":"Point","coordinates":[1,2]}', "together"),
        ("intersects=POINT", "intersects must be JSON"),
        ('intersects={"type":"Circle"}', "GeoJSON geometry"),
        ('intersects={"type":"Point","coordinates":[]}', "no coordinates"),
        ('intersects={"type":"Point","coordinates":[500,2]}', "longitudes"),
        ("filter=platform", "cannot stand alone"),
        ("filter=((((", "not CQL2 text"),
        ("filter={&filter-lang=cql2-json", "no JSON"),
        ("filter=platform='a'&filter-lang=ecql", "filter-lang"),
        ("filter=platform='a'&filter-crs=EPSG:3857", "filter-crs"),
        ("query={", "query must be JSON"),
        ('query={"platform":5}', "query must be an object"),
        ('query={"platform":{"near":5}}', "operator 'near'"),
        ("sortby=nope", "'nope' cannot be sorted by"),
        ("sortby=published,-published", "twice"),
        ("token=x", "page token"),
    ],
)
async def test_bad_input_is_a_400_that_says_what(api: httpx.AsyncClient, query: str, message: str) -> None:
    answer = await api.get(f"/search?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "InvalidRequest"
    assert message.lower() in answer.json()["description"].lower()


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 0},
        {"limit": "x"},
        {"datetime": "x"},
        {"bbox": [1, 2, 3]},
        {"bbox": "1,2,3,4"},
        {"collections": 5},
        {"filter": "platform='a'"},
        {"filter": {"op": "nope"}},
        {"sortby": [{"direction": "asc"}]},
        {"sortby": [{"field": "published", "direction": "sideways"}]},
        {"fields": {"include": 5}},
        {"fields": None},
        {"query": []},
        {"ids": [5]},
        {"token": 5},
        {"intersects": {"type": "Point"}},
        [],
    ],
)
async def test_a_bad_body_is_a_400(api: httpx.AsyncClient, body: Any) -> None:
    answer = await api.post("/search", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "InvalidRequest"


async def test_text_that_is_no_json_is_a_400(api: httpx.AsyncClient) -> None:
    answer = await api.post("/search", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/search?collections=nope",
        "/search?collections=s1_mti,nope",
        "/collections/nope",
        "/collections/nope/items",
        "/collections/nope/items/x",
        "/collections/nope/queryables",
        "/collections/nope/sortables",
        "/collections/s1_mti/items/x",
        "/nope",
        "/_mgmt/ping",
    ],
)
async def test_what_is_not_there_is_a_404(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "NotFound"


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


async def test_a_property_that_no_item_has_is_named(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/search?filter=eo:cloud_cover<5 OR sat:absolute_orbit=3")).json()
    assert [item["properties"]["sat:absolute_orbit"] for item in answer["features"]] == [3]
    assert answer["rs:unknown_properties"] == ["eo:cloud_cover"]
    assert "rs:unknown_properties" not in (await api.get("/search?filter=sat:absolute_orbit=3")).json()
