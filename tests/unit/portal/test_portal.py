"""The portal: public, at the deployment's address, and honest about services that do not answer."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from pystac.validation import validate_dict

from rs_server.errors import BackendUnavailable
from rs_server.http import serve
from rs_server.portal.app import Service, create_app
from rs_server.portal.descriptions import Descriptions
from rs_server.portal.readiness import REMEMBERED, Readiness
from tests.unit.staging.ogc_schemas import check

BASE_URL = "https://api.example/restapis/abc/prod"
SERVICES = (Service("catalog", "Catalog"), Service("cadip", "CADIP stations"))

OGC = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
CLASSES = [
    "https://api.stacspec.org/v1.0.0/core",
    f"{OGC}core",
    f"{OGC}ogc-process-description",
    f"{OGC}json",
    f"{OGC}oas30",
    f"{OGC}job-list",
    f"{OGC}callback",
    f"{OGC}dismiss",
]


class Services:
    """The services as the portal reaches them."""

    def __init__(self) -> None:
        self.status = {"/restapis/abc/prod/catalog/": 200, "/restapis/abc/prod/cadip/": 200}
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        status = self.status[request.url.path]
        if not status:
            raise httpx.ConnectError("refused")
        return httpx.Response(status)


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def portal(services, time) -> httpx.AsyncClient:
    readiness = Readiness(["catalog", "cadip"], httpx.MockTransport(services), time)
    app = create_app(SERVICES, readiness, Descriptions([]), "https://pages.example")
    return _client(serve(app, _base_url))


async def test_the_root_is_a_stac_catalog_with_a_child_for_each_service(portal):
    answer = await portal.get("/", headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    document = answer.json()
    validate_dict(document)
    assert document["conformsTo"] == CLASSES
    check(document, "landingPage")
    check(document, "confClasses")
    links = {(entry["rel"], entry["href"]): entry for entry in document["links"]}
    assert links["child", f"{BASE_URL}/catalog"]["title"] == "Catalog"
    assert ("child", f"{BASE_URL}/cadip") in links
    assert ("self", f"{BASE_URL}/") in links
    rel = "http://www.opengis.net/def/rel/ogc/1.0/"
    assert (f"{rel}conformance", f"{BASE_URL}/conformance") in links
    assert (f"{rel}processes", f"{BASE_URL}/processes") in links
    assert (f"{rel}job-list", f"{BASE_URL}/jobs") in links
    assert ("root", f"{BASE_URL}/") in links
    assert all(entry["href"].startswith(BASE_URL) for entry in document["links"])


async def test_linked_documents_have_the_type_of_their_link(portal):
    own = [entry for entry in (await portal.get("/")).json()["links"] if "/processes" not in entry["href"]]
    links = {entry["rel"]: entry for entry in own}
    for rel in ("service-desc", "service-doc", "conformance"):
        answer = await portal.get(links[rel]["href"].removeprefix(BASE_URL))
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == links[rel]["type"].split(";")[0]


async def test_a_browser_gets_a_page_and_a_client_the_catalog(portal):
    page = await portal.get("/", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["vary"].lower().startswith("accept")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for address in ("https://pages.example/index.html", "https://pages.example/account.html", f"{BASE_URL}/docs"):
        assert f'href="{address}"' in page.text
    for accepted in ("*/*", "application/json, text/plain, */*", "application/geo+json"):
        assert (await portal.get("/", headers={"accept": accepted})).json()["type"] == "Catalog"


async def test_without_pages_nothing_leads_to_them():
    app = create_app(SERVICES, Readiness([]), Descriptions([]))
    async with _client(serve(app, _base_url)) as client:
        page = await client.get("/", headers={"accept": "text/html"})
    assert "account.html" not in page.text
    assert f"{BASE_URL}/docs" in page.text


async def test_the_documentation_loads_nothing_from_third_parties(portal):
    page = (await portal.get("/docs")).text
    assert set(re.findall(r"(?:src|href)=.(https?://[^/\"]+)", page)) == {"https://pages.example"}


async def test_conformance_repeats_what_the_root_declares(portal):
    assert (await portal.get("/conformance")).json() == {"conformsTo": CLASSES}


async def test_the_description_is_of_the_public_address(portal):
    document = (await portal.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": BASE_URL}]
    assert set(document["paths"]) == {"/", "/conformance", "/health", "/ready"}
    assert f"{BASE_URL}/openapi.json" in (await portal.get("/docs")).text


async def test_health_asks_no_other(portal, services):
    assert (await portal.get("/health")).json() == {"status": "alive"}
    assert services.asked == []


async def test_ready_when_all_answer(portal):
    answer = await portal.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "problems": {}})


@pytest.mark.parametrize(("status", "problem"), [(503, "answers 503"), (0, "does not answer (ConnectError)")])
async def test_not_ready_names_the_service_at_fault(portal, services, status, problem):
    services.status["/restapis/abc/prod/catalog/"] = status
    answer = await portal.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "problems": {"catalog": problem}})


async def test_a_finding_is_remembered_for_a_while(portal, services, time):
    await portal.get("/ready")
    time.now += REMEMBERED - 0.1
    await portal.get("/ready")
    assert len(services.asked) == 2
    time.now += 0.1
    await portal.get("/ready")
    assert len(services.asked) == 4


async def test_an_unknown_path_is_a_404_in_our_form(portal):
    answer = await portal.get("/nothing/here", headers={"origin": "https://browser.example"})
    assert answer.status_code == 404
    assert set(answer.json()) == {"code", "description", "request_id"}
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_an_address_that_is_not_known_yet_is_503():
    async def unknown() -> str:
        raise BackendUnavailable("The service does not know its address yet.")

    async with _client(serve(create_app(SERVICES, Readiness([]), Descriptions([])), unknown)) as client:
        answer = await client.get("/health", headers={"origin": "https://browser.example"})
    assert answer.status_code == 503
    assert answer.json()["code"] == "BackendUnavailable"
    assert answer.headers["access-control-allow-origin"] == "*"


def _client(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://internal")


async def _base_url() -> str:
    return BASE_URL
