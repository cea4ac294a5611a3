"""The Lambda handlers of authorizer, access and portal as they are deployed, over one account in memory."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from rs_server.access.first_admin import ensure_first_admin
from rs_server.access.store.table import connect
from tests.access_table import make_access_table

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "ACCESS_TABLE": "access",
    "BASE_URL_PARAMETER": "/rs/base-url",
}
CONTEXT = SimpleNamespace(aws_request_id="request-1")

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@pytest.fixture(scope="module")
def account() -> Iterator[None]:
    """An account with table and parameter, and the functions' environment."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        make_access_table(boto3.client("dynamodb"), "access")
        boto3.client("ssm").put_parameter(Name="/rs/base-url", Value="https://api.example/v1", Type="String")
        yield


@pytest.fixture(scope="module")
def handlers(account: None) -> Iterator[dict[str, Handler]]:
    """The handlers by function, imported and called in one thread with one event loop, as Lambda does it."""
    names = ("authorizer", "access", "portal")
    with ThreadPoolExecutor(1) as thread:
        runner = asyncio.Runner()
        thread.submit(lambda: asyncio.set_event_loop(runner.get_loop())).result()
        modules = {name: thread.submit(importlib.import_module, f"functions.{name}.app").result() for name in names}
        yield {name: _in(thread, module.handler) for name, module in modules.items()}
        thread.submit(runner.close).result()
    for name in names:
        del sys.modules[f"functions.{name}.app"]


@pytest.fixture(scope="module")
def admin_key(account: None) -> str:
    key = ensure_first_admin(connect("access"))
    assert key is not None
    return key


def test_from_the_first_key_to_a_shared_collection(handlers, admin_key):
    assert call(handlers, "POST", "/access/users", admin_key, {"login": "alice"})[0] == 201
    assert call(handlers, "POST", "/access/users", admin_key, {"login": "bob"})[0] == 201
    keys = {}
    for login in ("alice", "bob"):
        status, made = call(handlers, "POST", "/access/keys", admin_key, {"name": "first", "login": login})
        assert status == 201
        keys[login] = made["key"]
    body = {"subject": "user:bob", "resource": "catalog:alice:s1-l0", "actions": ["read"]}
    status, grant = call(handlers, "PUT", "/access/grants", keys["alice"], body)
    assert status == 200
    status, me = call(handlers, "GET", "/access/me", keys["bob"])
    assert (me["user"], me["grants"][0]["resource"]) == ("bob", "catalog:alice:s1-l0")
    assert call(handlers, "DELETE", f"/access/grants/{grant['id']}", keys["bob"])[0] == 403
    assert call(handlers, "DELETE", f"/access/grants/{grant['id']}", keys["alice"])[0] == 204
    assert call(handlers, "GET", "/access/me", keys["bob"])[1]["grants"] == []


def test_the_anonymous_get_an_answer_that_browsers_may_read(handlers):
    event = _event("GET", "/access/me", {"origin": "https://browser.example"})
    event["requestContext"]["authorizer"] = handlers["authorizer"](event, CONTEXT)["context"]
    answer = handlers["access"](event, CONTEXT)
    assert answer["statusCode"] == 401
    headers = answer["headers"] | {name: values[0] for name, values in answer.get("multiValueHeaders", {}).items()}
    assert headers["access-control-allow-origin"] == "*"
    assert json.loads(answer["body"])["request_id"] == "request-1"


def test_the_portal_is_at_the_public_address(handlers):
    answer = handlers["portal"](_event("GET", "/", {"host": "evil.example"}), CONTEXT)
    links = json.loads(answer["body"])["links"]
    assert {entry["href"] for entry in links if entry["rel"] == "root"} == {"https://api.example/v1/"}


def test_a_table_that_is_gone_closes_every_door(handlers, admin_key):
    """Last in this module: it deletes the table."""
    boto3.client("dynamodb").delete_table(TableName="access")
    event = _event("GET", "/access/me", {"x-api-key": admin_key})
    with pytest.raises(Exception, match="out of reach"):
        handlers["authorizer"](event, CONTEXT)
    event["requestContext"]["authorizer"] = {
        "login": "alice",
        "groups": "",
        "admin": "false",
        "key_id": "",
        "scope": "",
    }
    answer = handlers["access"](event, CONTEXT)
    assert answer["statusCode"] == 503
    assert json.loads(answer["body"])["code"] == "BackendUnavailable"
    make_access_table(boto3.client("dynamodb"), "access")


def call(handlers: dict[str, Handler], method: str, path: str, key: str, body: Any = None) -> tuple[int, Any]:
    """Send a request through authorizer and access function."""
    event = _event(method, path, {"x-api-key": key, "content-type": "application/json"})
    event["body"] = json.dumps(body) if body is not None else None
    event["requestContext"]["authorizer"] = handlers["authorizer"](event, CONTEXT)["context"]
    answer = handlers["access"](event, CONTEXT)
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None


def _event(method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "REQUEST",
        "methodArn": f"arn:aws:execute-api:eu-west-1:123456789012:abc123/v1/{method}{path}",
        "resource": "/access/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"stage": "v1", "identity": {"sourceIp": "203.0.113.7"}},
        "body": None,
        "isBase64Encoded": False,
    }


def _in(thread: ThreadPoolExecutor, handler: Handler) -> Handler:
    return lambda event, context: thread.submit(handler, event, context).result()
