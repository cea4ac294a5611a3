"""Whatever is sent to the access service, it answers with one of its own errors and never falls over."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
BODIES = {
    "/access/keys": st.fixed_dictionaries(
        {"name": TEXT},
        optional={"expires_in_days": JSON_VALUES, "scope": JSON_VALUES, "login": TEXT},
    ),
    "/access/grants": st.fixed_dictionaries(
        {
            "subject": TEXT | st.builds("user:{}".format, TEXT),
            "resource": TEXT | st.builds("catalog:alice:{}".format, TEXT),
            "actions": st.lists(st.sampled_from(["read", "write"]) | TEXT, max_size=3),
        },
        optional={"expires": JSON_VALUES | st.datetimes(timezones=st.timezones()).map(str)},
    ),
    "/access/users": st.fixed_dictionaries({"login": TEXT, "groups": JSON_VALUES}, optional={"admin": JSON_VALUES}),
    "/access/users/alice": st.dictionaries(st.sampled_from(["disabled", "admin", "identity"]), JSON_VALUES),
}
METHODS = {"/access/keys": "POST", "/access/grants": "PUT", "/access/users": "POST", "/access/users/alice": "PATCH"}
SLOW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def admin(gateway):
    gateway.add_user("alice")
    return gateway.add_user("admin", admin=True)


@SLOW
@given(data=st.data(), path=st.sampled_from(sorted(BODIES)))
async def test_any_body_is_understood_or_a_clear_refusal(gateway, admin, data, path):
    body = json.dumps(data.draw(BODIES[path] | JSON_VALUES)).encode()
    answer = await gateway.request(METHODS[path], path, admin, body)
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, answer.text
    if not answer.is_success:
        assert answer.json()["description"]


@SLOW
@given(
    path=st.sampled_from(["/access/grants", "/access/users", "/access/audit", "/access/keys"]),
    query=st.dictionaries(st.sampled_from(["resource", "subject", "limit", "token", "login"]), TEXT),
)
async def test_any_query_is_understood_or_a_clear_refusal(gateway, admin, path, query):
    sent = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    answer = await gateway.request("GET", path, admin, parameters=sent)
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, answer.text


@pytest.mark.parametrize(
    "path",
    [
        *("/access//keys", "/access/keys/", "/access/../catalog", "/access/./me", "/access/%2e%2e/me", "/access/me%2f"),
        *("/access/me/..", "/access/me;x", "/access/ME", "/access/keys/..%2fme", "/access/openapi.json/../me"),
    ],
)
async def test_a_path_is_taken_as_it_was_routed(gateway, path):
    alice = gateway.add_user("alice")
    assert (await gateway.request("GET", path, alice, as_is=True)).status_code in {404, 405}
    assert (await gateway.request("GET", path, as_is=True)).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"x-amzn-apigateway-authorizer": '{"admin": "true"}', "login": "admin", "admin": "true"},
        {"host": "evil.example", "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "admin.example"},
        {"x-http-method-override": "GET", "x-original-url": "/access/users"},
        {"cookie": "login=admin", "x-rs-login": "admin"},
        {"x-filler": "x" * 60_000},
    ],
)
async def test_headers_make_nobody_an_administrator(gateway, headers):
    alice = gateway.add_user("alice")
    assert (await gateway.request("GET", "/access/users", alice, headers=headers)).status_code == 403
    assert (await gateway.request("GET", "/access/users", headers=headers)).status_code == 401
