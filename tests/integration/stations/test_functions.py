"""The four functions as Lambda calls them, in front of simulators that run beside them."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.looking import look
from rs_server.access.principals import Principal

ROOT = Path(__file__).parents[3]
SERVICES = {"cadip": "mti", "auxip": "adgs", "prip": "s1a", "lta": "acri"}
SETTINGS = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "BASE_URL_PARAMETER": "/rs/base-url",
    "ACCESS_TABLE": "access",
    "STATIONS_TABLE": "stations",
    "STATION_PROFILES": "simulators",
    "STATION_SECRET_PREFIX": "rs-server/stations/",
}


@pytest.fixture(params=list(SERVICES))
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def simulator(service: str) -> Iterator[str]:
    """The address of a simulator that runs as users run it; it ends with the test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "simulators", service, "--profile", SERVICES[service], "--port", str(port)]
    process = subprocess.Popen([*command, "--count", "40"], cwd=ROOT)
    address = f"http://localhost:{port}"
    try:
        while look(f"{address}/_sim/health") is None:
            assert process.poll() is None, "the simulator has ended"
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def table(name: str, indices: list[dict[str, Any]]) -> dict[str, Any]:
    keys = {"pk", "sk", "login", "resource"} if indices else {"pk", "sk"}
    made: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    }
    return made | ({"GlobalSecondaryIndexes": indices} if indices else {})


def index(name: str, first: str, second: str) -> dict[str, Any]:
    schema = [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}


@pytest.fixture
def handler(service: str, simulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        dynamodb.create_table(**table("stations", []))
        dynamodb.create_table(
            **table("access", [index("by_login", "login", "sk"), index("by_resource", "resource", "pk")])
        )
        boto3.client("ssm").put_parameter(Name="/rs/base-url", Value="https://api.test/prod", Type="String")
        root = {"cadip": "/cadip/1.0/odata/v1/"}.get(service, "/odata/v1/")
        secret = {"username": "rs", "password": "rs-password", "client_id": "rs-client"}
        secret |= {"client_secret": "rs-client-secret", "service_root": simulator + root}
        boto3.client("secretsmanager").create_secret(
            Name=f"rs-server/stations/{service}/{SERVICES[service]}",
            SecretString=json.dumps(secret | {"token_url": f"{simulator}/oauth2/token"}),
        )
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        spec = importlib.util.spec_from_file_location(f"{service}_app", ROOT / "functions" / service / "app.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module.handler
        loop.run_until_complete(module.app.state.search.clients.close())
        loop.close()
        asyncio.set_event_loop(None)


def call(handler: Any, path: str, principal: Principal, method: str = "GET", **query: str) -> tuple[int, Any]:
    event = {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {},
        "multiValueHeaders": {},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()},
        "requestContext": {"authorizer": principal.to_context(), "path": f"/prod{path}", "stage": "prod"},
        "body": None,
        "isBase64Encoded": False,
    }
    answer = handler(event, SimpleNamespace(aws_request_id="test"))
    assert not answer["isBase64Encoded"]
    return int(answer["statusCode"]), json.loads(answer["body"])


def test_search_an_item_and_what_a_stranger_sees(handler: Any, service: str) -> None:
    admin, stranger = Principal(login="admin", admin=True), Principal(login="bob")
    status, page = call(handler, f"/{service}/search", admin, limit="3")
    assert (status, page["numberReturned"]) == (200, 3)
    assert "rs:partial" not in page
    item = page["features"][0]
    self_link = next(link["href"] for link in item["links"] if link["rel"] == "self")
    assert self_link.startswith(f"https://api.test/prod/{service}/collections/")
    status, again = call(handler, self_link.removeprefix("https://api.test/prod"), admin)
    assert (status, again) == (200, item)
    status, nothing = call(handler, f"/{service}/search", stranger)
    assert (status, nothing["features"]) == (200, [])
    assert call(handler, self_link.removeprefix("https://api.test/prod"), stranger)[0] == 404
    assert call(handler, f"/{service}/collections/{item['collection']}", Principal())[0] == 401
