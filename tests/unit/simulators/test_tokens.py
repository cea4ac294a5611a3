"""Tokens: each variant of the stations' authentication, their lives, and what is refused."""

from __future__ import annotations

import base64

import pytest

from simulators.odata.errors import ODataError
from simulators.profiles import load_profile
from simulators.profiles.model import Auth
from simulators.service.tokens import Credentials, TokenRefused, TokenStore
from tests.unit.simulators.visitor import BASIC_CLIENT, CLIENT, USER, Visitor

PASSWORD = {"grant_type": "password", **CLIENT, **USER}


class RealTime:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def real():
    return RealTime()


@pytest.fixture
def store(real):
    return lambda **auth: TokenStore(Auth(**auth), Credentials(), real)


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def test_reply_of_a_token_call(store):
    reply = store(access_seconds=600, refresh_seconds=3600).issue(PASSWORD, None)
    assert set(reply) == {"access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in"}
    assert (reply["token_type"], reply["expires_in"], reply["refresh_expires_in"]) == ("bearer", 600, 3600)


def test_access_token_expires(store, real):
    tokens = store(access_seconds=600)
    token = tokens.issue(PASSWORD, None)["access_token"]
    tokens.check(bearer(token))
    real.now += 599
    tokens.check(bearer(token))
    real.now += 1
    with pytest.raises(ODataError) as refused:
        tokens.check(bearer(token))
    assert (refused.value.status, refused.value.message) == (401, "Token is valid but is expired!")


def test_refresh_token_renews_and_expires(store, real):
    tokens = store(access_seconds=600, refresh_seconds=1800)
    first = tokens.issue(PASSWORD, None)
    real.now += 700
    refresh = {"grant_type": "refresh_token", **CLIENT, "refresh_token": first["refresh_token"]}
    second = tokens.issue(refresh, None)
    tokens.check(bearer(second["access_token"]))
    assert second["access_token"] != first["access_token"]
    assert second["refresh_expires_in"] == 1100
    real.now += 1100
    with pytest.raises(TokenRefused) as refused:
        tokens.issue(refresh, None)
    assert (refused.value.status, refused.value.body["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "Token is missing!"),
        ({"authorization": "Bearer"}, "Token is missing!"),
        ({"authorization": "Bearer nonsense"}, "Token is invalid!"),
        ({"authorization": "Basic cnM6cnMtcGFzc3dvcmQ="}, "Token is missing!"),
    ],
)
def test_refused_credentials(store, headers, message):
    with pytest.raises(ODataError) as refused:
        store().check(headers)
    assert (refused.value.status, refused.value.message) == (401, message)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "unauthorized_client"),
        ({"client_id": ""}, 401, "unauthorized_client"),
        ({"password": "wrong"}, 401, "invalid_grant"),
        ({"username": "other"}, 401, "invalid_grant"),
        ({"grant_type": "magic"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        ({"scope": "other"}, 400, "invalid_scope"),
        ({"scope": ""}, 400, "invalid_scope"),
    ],
)
def test_refused_token_calls(store, changes, status, error):
    with pytest.raises(TokenRefused) as refused:
        store(scope="openid").issue(PASSWORD | {"scope": "openid"} | changes, None)
    assert (refused.value.status, refused.value.body["error"]) == (status, error)


def test_client_as_basic(store):
    form = {"grant_type": "password", **USER}
    assert store(client="basic").issue(form, BASIC_CLIENT)
    assert store(client="either").issue(form, BASIC_CLIENT)
    with pytest.raises(TokenRefused):
        store(client="basic").issue(form | CLIENT, None)
    with pytest.raises(TokenRefused):
        store(client="body").issue(form, BASIC_CLIENT)
    with pytest.raises(TokenRefused):
        store(client="basic").issue(form, "Basic nonsense!")


def test_client_credentials_give_no_refresh_token(store):
    tokens = store(grants=("client_credentials",), refresh_seconds=0)
    reply = tokens.issue({"grant_type": "client_credentials", **CLIENT}, None)
    assert "refresh_token" not in reply
    tokens.check(bearer(reply["access_token"]))
    with pytest.raises(TokenRefused):
        tokens.issue({"grant_type": "refresh_token", **CLIENT, "refresh_token": ""}, None)


def test_a_header_of_its_own(store):
    tokens = store(header="OAUTH2-ACCESS-TOKEN")
    token = tokens.issue(PASSWORD, None)["access_token"]
    tokens.check({"oauth2-access-token": token})
    with pytest.raises(ODataError):
        tokens.check(bearer(token))


def test_basic_on_every_call(store):
    tokens = store(basic=True)
    tokens.check({"authorization": "Basic " + base64.b64encode(b"rs:rs-password").decode()})
    with pytest.raises(ODataError):
        tokens.check({"authorization": "Basic " + base64.b64encode(b"rs:wrong").decode()})


def test_sessions_are_limited_and_refreshing_opens_none(store):
    tokens = store(max_sessions=2)
    first = tokens.issue(PASSWORD, None)
    tokens.issue(PASSWORD, None)
    for _ in range(5):
        tokens.issue({"grant_type": "refresh_token", **CLIENT, "refresh_token": first["refresh_token"]}, None)
    with pytest.raises(TokenRefused) as refused:
        tokens.issue(PASSWORD, None)
    assert refused.value.status == 403


# What the public configurations say of the real stations: root, token endpoint's end, scope, where the client goes.
STATIONS = [
    ("cadip", "mti", "/cadip/1.0/odata/v1", "/realms/cadip/protocol/openid-connect/token", "openid", "either"),
    ("cadip", "mps", "/cadip-interface/odata/v1", "/cadip-oauth/oauth/token", "read", "basic"),
    ("cadip", "nsg", "/odata/v1", "/openid-connect/token", "email openid profile", "either"),
    ("cadip", "sgs", "/odata/v1", "/oauth2/token", None, "either"),
    ("cadip", "ssc", "/odata/v1", "/oauth2/token", "openid", "either"),
    ("auxip", "adgs", "/odata/v1", "/getAuthToken", "openid", "basic"),
    ("auxip", "adgs2", "/odata/v1", "/getAuthToken", "openid", "basic"),
    ("auxip", "s1pro", "/odata/v1", "/oauth/token", None, "either"),
    ("prip", "s1a", "/odata/v1", "/realms/prip_s1a/protocol/openid-connect/token", None, "either"),
    ("prip", "s1b", "/proseo/prip/odata/v1", "/token", None, "either"),
    ("prip", "s1c_serco", "/odata/v1", "/openid-connect/token", None, "either"),
    ("prip", "s1c_werum", "/odata/v1", "/token", None, "either"),
    ("prip", "s2a", "/odata/v1", "/token", "openid", "basic"),
    ("prip", "s2c", "/odata/v1", "/token", "openid", "basic"),
    ("prip", "s2b", "/odata/v1", "/oauth/token", None, "basic"),
    ("prip", "s3a", "/odata/v1", "/realms/S3PS/protocol/openid-connect/token", None, "basic"),
    ("prip", "s3b", "/odata/v1", "/openid-connect/token", None, "basic"),
    ("prip", "s5p", "/proseo/prip/odata/v1", "/token", None, "either"),
    ("lta", "acri", "/odata/v1", "/realms/lta/protocol/openid-connect/token", "profile email", "either"),
    ("lta", "cloudferro", "/odata/v1", "/realms/lta/protocol/openid-connect/token", "openid", "either"),
    ("lta", "exprivia_s1", "/s1/odata/v1", "/s1/getAuthToken", None, "basic"),
    ("lta", "werum", "/odata/v1", "/oauth/accessToken", None, "either"),
    ("lta", "s5p_dlr", "/odata/v1", "/token", None, "either"),
]


@pytest.mark.parametrize(("interface", "name", "root", "token_path", "scope", "client"), STATIONS)
async def test_stations(visit, interface, name, root, token_path, scope, client):
    profile = load_profile(interface, name)
    assert profile.context == root
    assert profile.auth.token_path.endswith(token_path)
    assert (profile.auth.scope, profile.auth.client) == (scope, client)
    visitor: Visitor = visit(interface, name)
    assert (await visitor.ask("")).status_code == 200
    entity_set = "Sessions" if interface == "cadip" else "Products"
    assert (await visitor.send("GET", f"{root}/{entity_set}")).status_code == 401


async def test_every_station_takes_token_calls_at_one_path_too(visit):
    for interface, name in (("cadip", "mti"), ("prip", "s1a"), ("lta", "acri")):
        visitor = visit(interface, name)
        scope = visitor.station.profile.auth.scope
        form = PASSWORD | ({"scope": scope} if scope else {})
        assert (await visitor.send("POST", "/oauth2/token", data=form)).status_code == 200


async def test_token_calls_over_http(visit):
    visitor = visit("cadip", "mti")
    refused = await visitor.send("POST", "/oauth2/token", data=PASSWORD | {"scope": "openid", "password": "x"})
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_grant")
    assert (await visitor.send("POST", "/oauth2/token", content=b"\xff\xfe")).status_code == 401
    answer = await visitor.send("GET", f"{visitor.root}/Sessions", headers=bearer("x"))
    assert answer.headers["www-authenticate"] == "Bearer"
