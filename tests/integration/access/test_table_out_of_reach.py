"""While the table of users and rights is out of reach, no route of any service answers anything but 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from rs_server.access.authorizer import Unauthorized
from rs_server.access.credentials import new_key
from rs_server.access.principals import ANONYMOUS, Principal, Scope
from rs_server.access.resources import ResourcePattern
from rs_server.errors import BackendUnavailable
from tests.e2e.authorization.table import THING, Row, rows
from tests.handlers import ENVIRONMENT, imported

CALLERS = {
    "anonymous": ANONYMOUS,
    "user": Principal("alice", frozenset({"team"}), key_id="k1"),
    "narrowed key": Principal("alice", scope=Scope(frozenset({"read"}), (ResourcePattern.parse("catalog:*:*"),))),
    "token": Principal("alice", key_id="token:0123"),
    "administrator": Principal("root", admin=True, key_id="k2"),
}
THINGS = {
    "key": "k3",
    "grant": "dXNlcjpib2IgY2F0YWxvZzphbGljZTpz",
    "login": "bob",
    "group": "team",
    "job": "j1",
    "owner": "alice",
}
"""What stands for a thing; for any other a collection of alice's."""
ITEM: dict[str, Any] = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "alice:s1",
    "geometry": None,
    "links": [],
    "assets": {},
}
COLLECTION = {
    "type": "Collection",
    "stac_version": "1.1.0",
    "id": "alice:s1",
    "description": "A collection",
    "license": "other",
    "links": [],
    "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [["2014-04-03T00:00:00Z", None]]}},
}
UNASKED = {"OPTIONS", "HEAD"}
"""Preflights have no credential, and the gateway passes no HEAD on."""
NOTHING: dict[str, Any] = {"type": "FeatureCollection", "features": []}
BODIES: Mapping[str, Any] = {
    "POST /access/keys": {"name": "x"},
    "PUT /access/grants": {"subject": "user:bob", "resource": "catalog:alice:s1", "actions": ["read"]},
    "POST /access/users": {"login": "bob"},
    "PATCH /access/users/{login}": {"disabled": True},
    "POST /catalog/collections": COLLECTION,
    "PUT /catalog/collections/{kept}": COLLECTION,
    "POST /catalog/aggregate": {"aggregations": ["total_count"]},
    "POST /catalog/collections/{shared}/aggregate": {"aggregations": ["total_count"]},
    "POST /catalog/collections/{shared}/bulk_items": {"items": {}, "method": "insert"},
    "POST /catalog/collections/{shared}/items": ITEM | {"properties": {"datetime": "2024-11-14T14:30:38Z"}},
    "PUT /catalog/collections/{shared}/items/{item}": ITEM | {"properties": {"datetime": "2024-11-14T14:30:38Z"}},
    "POST /catalog/collections/{public}/items": ITEM | {"properties": {"datetime": "2024-11-14T14:30:38Z"}},
    "POST /subscriptions": {
        "source": {"service": "cadip", "collections": ["x"], "filter": "id = 'none'"},
        "collection": "s1",
    },
    "PATCH /subscriptions/{subscription}": {"status": "paused"},
    "POST /processes/staging/execution": {"inputs": {"collection": "s1", "items": {"value": NOTHING}}},
}


@pytest.fixture(scope="module", autouse=True)
def account() -> Iterator[None]:
    """An account that has the public address, and no table."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        name = ENVIRONMENT["BASE_URL_PARAMETER"]
        boto3.client("ssm").put_parameter(Name=name, Value="https://api.example/v1", Type="String")
        yield


def test_a_credential_is_neither_taken_nor_refused() -> None:
    with imported("authorizer") as module:
        for headers in ({"x-api-key": new_key()}, {"authorization": f"Bearer {new_key()}"}):
            with pytest.raises(BackendUnavailable):
                module.handler(event("GET", "/catalog/search", headers), context())
        with pytest.raises(Unauthorized):  # what has not the form of a key needs no look at the table
            module.handler(event("GET", "/catalog/search", {"x-api-key": "rss_nonsense"}), context())


@pytest.mark.parametrize("service", ["access", "catalog", "cadip", "auxip", "prip", "lta", "staging"])
def test_every_route_is_shut(service: str) -> None:
    prefixes = {"staging": {"processes", "jobs", "subscriptions"}}.get(service, {service})
    asked = [row for row in rows() if row.segments[0] in prefixes and row.method not in UNASKED]
    shut = 0
    with imported(service) as module:
        for row in asked:
            for name, principal in CALLERS.items():
                answer = ask(module.handler, row, principal)
                status = answer["statusCode"]
                if is_document(row):
                    continue
                if is_for(row, name):
                    assert status == 503, f"{row} for {name} answered {status}: {answer['body']}"
                    assert "table of users and rights" in answer["body"], f"{row} for {name}: {answer['body']}"
                    shut += 1
                assert status >= 400, f"{row} for {name} answered {status}: {answer['body']}"
    assert shut > len(asked) / 2


def is_document(row: Row) -> bool:
    """Whether a route says the same to everybody, such as conformance, queryables and the API's description."""
    return row.answers["none"].status == 200 and not any(answer.shows for answer in row.answers.values())


def is_for(row: Row, caller: str) -> bool:
    """Whether the caller's answer depends on what is in the table."""
    column = {"anonymous": "none", "narrowed key": "ro", "administrator": "adm"}.get(caller, "own")
    return row.answers[column].status < 400


def ask(handler: Any, row: Row, principal: Principal) -> dict[str, Any]:
    path, _, query = row.path.partition("#")[0].partition("?")
    filled = THING.sub(lambda found: THINGS.get(found[1], "alice:s1"), path)
    body = BODIES.get(f"{row.method} {path}", {}) if row.method in {"POST", "PUT", "PATCH"} else None
    request = event(row.method, filled, {"content-type": "application/json"}, body)
    parameters = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
    values = {
        name: THING.sub(lambda found: THINGS.get(found[1], "alice:s1"), value) for name, value in parameters.items()
    }
    request["queryStringParameters"] = values
    request["multiValueQueryStringParameters"] = {name: [value] for name, value in values.items()}
    request["requestContext"]["authorizer"] = principal.to_context()
    answer: dict[str, Any] = handler(request, context())
    return answer


def event(method: str, path: str, headers: dict[str, str], body: Any = None) -> dict[str, Any]:
    return {
        "type": "REQUEST",
        "methodArn": f"arn:aws:execute-api:eu-west-1:123456789012:abc123/v1/{method}{path}",
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"stage": "v1", "identity": {"sourceIp": "203.0.113.7"}},
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def context() -> SimpleNamespace:
    return SimpleNamespace(aws_request_id="request-1", function_name="f", get_remaining_time_in_millis=lambda: 30_000)
