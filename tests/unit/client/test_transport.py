"""The connection: where the key goes, and how refusals read."""

from __future__ import annotations

import httpx
import pytest

from rs_client import Client, NotConfigured, Refused, ServiceFailed, Unreachable
from rs_client.transport import Api, is_below


@pytest.mark.parametrize("url", ["", "rs.example.org", "ftp://rs.example.org", "http://", "file:///etc"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(NotConfigured) as raised:
        Api(url)
    assert "RS_URL" in raised.value.hint


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://rs.example.org/v1/", "https://rs.example.org/v1"),
        ("https://RS.example.org:443/v1", "https://rs.example.org/v1"),
        ("http://localhost:4566/restapis/a/v1/_user_request_", "http://localhost:4566/restapis/a/v1/_user_request_"),
    ],
)
def test_addresses_are_kept_in_one_form(given, kept):
    assert Api(given).url == kept


def test_the_key_is_sent_as_a_bearer_token(server, client, key):
    server.on("GET", "/access/me", {"user": "alice"})
    assert client.me() == {"user": "alice"}
    assert server.requests[0].headers["authorization"] == f"Bearer {key}"


def test_no_key_no_credential(server):
    server.on("GET", "/access/me", {})
    Client("https://rs.example.org/v1", transport=server.transport).me()
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.org/v1/access/me",
        "https://rs.example.org/v2/access/me",
        "https://rs.example.org/v1evil/access/me",
        "https://rs.example.org.evil.example/v1/access/me",
        "https://rs.example.org@evil.example/v1/access/me",
        "https://rs.example.org/v1/../bucket/object",
        "http://rs.example.org/v1/access/me",
        "https://rs.example.org:8443/v1/access/me",
    ],
)
def test_the_key_goes_to_its_server_only(server, client, url):
    with pytest.raises(Refused):
        client.api.request("GET", url)
    assert "authorization" not in server.requests[0].headers


def test_below_means_the_path_too():
    assert is_below("https://a.example/v1", "https://a.example/v1")
    assert is_below("https://a.example/v1/x", "https://a.example/v1")
    assert not is_below("https://a.example/v10/x", "https://a.example/v1")


@pytest.mark.parametrize(
    ("status", "body", "error", "message"),
    [
        (400, {"code": "InvalidRequest", "description": "datetime: write it so."}, Refused, "datetime: write it so."),
        (403, {"code": "Forbidden", "description": "You have no right"}, Refused, "You have no right"),
        (404, {"type": "about:blank", "title": "Not Found", "detail": "No such job."}, Refused, "No such job."),
        (409, {"title": "Conflict"}, Refused, "Conflict"),
        (429, {"description": "Slow down."}, Refused, "Slow down."),
        (502, {"description": "Station mti failed."}, ServiceFailed, "Station mti failed."),
        (503, "<html>gone</html>", ServiceFailed, "<html>gone</html>"),
        (500, ["odd"], ServiceFailed, '["odd"]'),
    ],
)
def test_a_refusal_becomes_an_error_with_the_servers_words(server, client, status, body, error, message):
    content = {"text": body} if isinstance(body, str) else {"json": body}
    server.on("GET", "/access/me", lambda _: httpx.Response(status, **content))
    with pytest.raises(error) as raised:
        client.me()
    assert raised.value.message == message
    assert raised.value.hint


def test_an_answer_that_is_no_json_is_the_servers_failure(server, client):
    server.on("GET", "/access/me", lambda _: httpx.Response(200, text="<html>a web page</html>"))
    with pytest.raises(ServiceFailed, match="did not answer with JSON"):
        client.me()


def test_a_server_that_is_away_is_unreachable(server, client):
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    server.on("GET", "/access/me", refuse)
    with pytest.raises(Unreachable) as raised:
        client.me()
    assert "https://rs.example.org/v1/access/me" in raised.value.message


def test_an_error_never_shows_the_key_or_a_signature(server, client):
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    server.on("GET", "https://bucket.example/o", refuse)
    with pytest.raises(Unreachable) as raised:
        client.api.request("GET", "https://bucket.example/o?X-Amz-Signature=abc")
    assert "abc" not in raised.value.message


def test_an_empty_answer_is_nothing(server, client):
    server.on("DELETE", "/access/keys/k1", lambda _: httpx.Response(204))
    client.keys.revoke("k1")
    assert server.requests[0].method == "DELETE"
