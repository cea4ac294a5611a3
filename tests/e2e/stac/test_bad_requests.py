"""Bad input on the deployed stack: a clear 4xx that tells what to change, in the service's form, and no stack trace."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest

CODES = {400: "InvalidRequest", 401: "Unauthenticated", 404: "NotFound"}
ITEM = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "x",
    "collection": "alice:e2e-bad",
    "geometry": None,
    "properties": {"datetime": "2024-11-14T14:30:44Z"},
    "links": [],
    "assets": {},
}


def assert_clear(answer: httpx.Response, status: int, *words: str) -> None:
    """One JSON form, words that name the fault, nothing of our insides."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    told = body.get("description") or body["detail"]
    for word in words:
        assert word.lower() in told.lower()
    assert told
    assert "Traceback" not in answer.text
    assert 'File "' not in answer.text


@pytest.fixture(scope="module")
def collection(api) -> Iterator[str]:
    """A collection of alice's to send bad items to."""
    answer = api("alice").post(
        "/catalog/collections",
        json={
            "type": "Collection",
            "stac_version": "1.1.0",
            "id": "e2e-bad",
            "description": "Gets bad items",
            "license": "other",
            "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}},
            "links": [],
        },
    )
    assert answer.status_code in {201, 409}, answer.text
    yield "alice:e2e-bad"
    api("alice").delete("/catalog/collections/alice:e2e-bad")


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/cadip/collections/nowhere", "nowhere"),
        ("/cadip/collections/nowhere/items", "nowhere"),
        ("/cadip/collections/nowhere/items/x", "nowhere"),
        ("/cadip/collections/s1_mti/items/NOSUCHSESSION", "NOSUCHSESSION"),
        ("/catalog/collections/alice:nowhere", "nowhere"),
        ("/catalog/collections/alice:nowhere/items", "nowhere"),
        ("/catalog/collections/alice:nowhere/items/x", ""),
        ("/catalog/collections/bob:nowhere/items/x/download/a", ""),
        ("/jobs/nosuchjob", "nosuchjob"),
        ("/processes/nosuchprocess", "nosuchprocess"),
    ],
)
def test_what_is_not_there_is_404(api, path, word):
    assert_clear(api("alice").get(path), 404, word)


@pytest.mark.parametrize("service", ["cadip", "catalog"])
@pytest.mark.parametrize(
    "moment", ["yesterday", "2024-13-01T00:00:00Z", "2024-11-14T00:00:00Z/2024-11-13T00:00:00Z", "../..", "a/b/c"]
)
def test_a_malformed_datetime_is_400(api, service, moment):
    client = api("alice")
    assert_clear(client.get(f"/{service}/search", params={"datetime": moment}), 400)
    assert_clear(client.post(f"/{service}/search", json={"datetime": moment}), 400)


@pytest.mark.parametrize("service", ["cadip", "catalog"])
@pytest.mark.parametrize("text", ["platform =", "platform = 'sentinel-1a", "AND AND", "platform ~ 'x'", "(" * 50])
def test_malformed_cql2_is_400(api, service, text):
    answer = api("alice").get(f"/{service}/search", params={"filter": text, "filter-lang": "cql2-text"})
    assert_clear(answer, 400)


@pytest.mark.parametrize("service", ["cadip", "catalog"])
@pytest.mark.parametrize(
    "parameters",
    [{"limit": "0"}, {"limit": "many"}, {"bbox": "1,2,3"}, {"bbox": "a,b,c,d"}, {"token": "not-a-token"}],
)
def test_malformed_parameters_are_400(api, service, parameters):
    assert_clear(api("alice").get(f"/{service}/search", params=parameters), 400)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"type": "Feature"}',
        b'{"type": "Collection", "id": "x"}',
        b'{"type": "FeatureCollection", "features": [{"id": 1}]}',
    ],
)
def test_a_body_that_is_no_item_is_400(api, collection, body):
    headers = {"content-type": "application/json"}
    answer = api("alice").post(f"/catalog/collections/{collection}/items", content=body, headers=headers)
    assert_clear(answer, 400)


def test_an_item_for_a_collection_that_is_not_there_is_404(api):
    answer = api("alice").post("/catalog/collections/alice:nowhere/items", json=ITEM | {"collection": "alice:nowhere"})
    assert_clear(answer, 404, "nowhere")


@pytest.mark.parametrize("header", ["x-api-key: wrong", "authorization: Bearer wrong", "authorization: Basic d3Jvbmc="])
def test_a_wrong_key_is_401_in_every_form(stack, header):
    name, _, value = header.partition(": ")
    assert_clear(httpx.get(f"{stack.api_url}/access/me", headers={name: value}, timeout=60), 401)


@pytest.mark.parametrize("path", ["/jobs", "/access/me", "/access/keys", "/catalog/collections/alice:s1-l0/items/x"])
def test_without_a_key_what_is_not_public_is_401(api, path):
    answer = api().get(path)
    assert_clear(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, ("collection",)),
        ({"collection": "s1-l0"}, ("items",)),
        ({"collection": "s1-l0", "items": {}}, ("items",)),
        ({"collection": "s1-l0", "items": {"value": {"type": "Point"}}}, ()),
        ({"collection": "no/slash", "items": {"href": "x"}}, ()),
        ({"collection": "s1-l0", "items": {"href": "ftp://station.example/items"}}, ()),
        ({"collection": "s1-l0", "items": {"href": "http://169.254.169.254/latest/meta-data"}}, ()),
    ],
)
def test_a_staging_request_that_makes_no_sense_is_400(api, inputs, words):
    answer = api("alice").post("/processes/staging/execution", json={"inputs": inputs})
    assert_clear(answer, 400, *words)
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_staging_into_a_collection_of_another_is_404_and_starts_nothing(api):
    label = f"e2e {uuid.uuid4()}"
    inputs = {"collection": "alice:s1-l0", "items": {"value": ITEM}, "label": label}
    answer = api("bob").post("/processes/staging/execution", json={"inputs": inputs})
    assert answer.status_code in {403, 404}, answer.text
    jobs = api("admin").get("/jobs", params={"limit": 1000})
    assert jobs.status_code == 200, jobs.text
    assert label not in jobs.text
