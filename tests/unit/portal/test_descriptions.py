"""One description over all services: nothing of theirs is lost, mixed up, or left leading nowhere."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from rs_server.portal.descriptions import REMEMBERED, Described, Descriptions

BASE_URL = "https://api.example/v1"
OWN = {
    "openapi": "3.1.0",
    "info": {"title": "rs-server", "description": "All of it.", "version": "1"},
    "paths": {"/health": {"get": {"operationId": "health", "responses": {}}}},
}


def description(schema_type: str) -> dict[str, Any]:
    """What a service says of itself; two services call different things `Item`."""
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
    operation = {"operationId": "search", "security": [{"mine": []}], "responses": {"200": {"content": body}}}
    parameters = [{"name": "q", "in": "query", "schema": {"$ref": "#/components/schemas/Item"}}]
    return {
        "openapi": "3.1.0",
        "paths": {"/search": {"parameters": parameters, "get": operation}},
        "components": {"schemas": {"Item": {"type": schema_type}}, "securitySchemes": {"mine": {}}},
    }


class Services:
    def __init__(self) -> None:
        self.documents: dict[str, Any] = {
            "/v1/catalog/api": description("object"),
            "/v1/cadip/api": description("array"),
        }
        self.asked = 0
        self.now = 0.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        found = self.documents.get(request.url.path)
        return httpx.Response(503) if found is None else httpx.Response(200, json=found)


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def descriptions(services: Services) -> Descriptions:
    described = [Described("catalog", "/catalog/api", "/catalog"), Described("cadip", "/cadip/api", "/cadip")]
    return Descriptions(described, httpx.MockTransport(services), lambda: services.now)


async def test_every_path_is_at_its_service(descriptions):
    document = await descriptions.merged(OWN, BASE_URL)
    assert set(document["paths"]) == {"/health", "/catalog/search", "/cadip/search"}
    assert document["servers"] == [{"url": BASE_URL}]
    assert [tag["name"] for tag in document["tags"]] == ["portal", "catalog", "cadip"]


async def test_what_two_services_call_alike_stays_apart_and_no_reference_leads_nowhere(descriptions):
    document = await descriptions.merged(OWN, BASE_URL)
    schemas = document["components"]["schemas"]
    assert {name: schema["type"] for name, schema in schemas.items()} == {
        "catalog.Item": "object",
        "cadip.Item": "array",
    }
    references = set(re.findall(r"#/components/schemas/([^\"']+)", str(document["paths"])))
    assert references == set(schemas)


async def test_operations_have_ids_of_their_own_and_the_security_of_all(descriptions):
    document = await descriptions.merged(OWN, BASE_URL)
    operations = [document["paths"][path]["get"] for path in document["paths"]]
    assert {operation["operationId"] for operation in operations} == {"portal.health", "catalog.search", "cadip.search"}
    assert not any("security" in operation for operation in operations)
    schemes = document["components"]["securitySchemes"]
    assert [entry for entry in document["security"] if entry] == [{name: []} for name in schemes]
    assert {} in document["security"], "what is public needs none"


async def test_a_service_that_does_not_answer_is_named_and_asked_again(descriptions, services):
    catalog = services.documents.pop("/v1/catalog/api")
    document = await descriptions.merged(OWN, BASE_URL)
    assert "catalog" in document["info"]["description"]
    assert "/cadip/search" in document["paths"]
    services.documents["/v1/catalog/api"] = catalog
    document = await descriptions.merged(OWN, BASE_URL)
    assert "/catalog/search" in document["paths"]
    assert document["info"] == OWN["info"]


async def test_a_whole_document_is_remembered_for_a_while(descriptions, services):
    await descriptions.merged(OWN, BASE_URL)
    services.now += REMEMBERED - 1
    await descriptions.merged(OWN, BASE_URL)
    assert services.asked == 2
    services.now += 1
    await descriptions.merged(OWN, BASE_URL)
    assert services.asked == 4
