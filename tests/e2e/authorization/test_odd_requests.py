"""Odd spellings of a path and forged headers lead nobody past the gateway to what is hidden."""

from __future__ import annotations

import http.client
import uuid
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import httpx
import pytest

from local.stack_file import Stack
from tests.e2e.authorization.cast import collection

SECRET = "HIDDENBYALICE"
SPELLINGS = (
    *("/catalog/collections/{c}", "/catalog/collections/alice%3A{name}", "/catalog/collections/alice%253A{name}"),
    *(
        "//catalog/collections/{c}",
        "/catalog//collections/{c}",
        "/catalog/collections/{c}/",
        "/CATALOG/collections/{c}",
    ),
    *("/access/../catalog/collections/{c}", "/health/../catalog/collections/{c}", "/docs/..%2fcatalog/collections/{c}"),
    *("/catalog/%2e%2e/catalog/collections/{c}", "/openapi.json/../catalog/collections/{c}"),
    *("/catalog/collections/{c}%00", "/catalog/collections/{c};x", "/catalog/collections/{c}?x=/openapi.json"),
)
FORGED: tuple[Mapping[str, str], ...] = (
    {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
    {"x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1"},
    {"x-original-url": "/openapi.json", "x-rewrite-url": "/openapi.json", "x-http-method-override": "OPTIONS"},
    {"x-amzn-apigateway-authorizer": '{"admin": "true", "login": "alice"}', "admin": "true", "login": "alice"},
)

Api = Callable[..., httpx.Client]
Send = Callable[[str, Mapping[str, str]], tuple[int, str]]


@pytest.fixture(scope="module")
def hidden(api: Api) -> Iterator[str]:
    """A collection of alice's that bob knows nothing of."""
    name = f"hidden-{uuid.uuid4().hex[:8]}"
    body = collection(f"alice:{name}", SECRET)
    assert api("alice").post("/catalog/collections", json=body).status_code == 201
    yield name
    api("alice").delete(f"/catalog/collections/alice:{name}")


@pytest.fixture(scope="module")
def send(stack: Stack) -> Send:
    """Sends a GET with the path and the headers as they are, which clients would tidy up."""
    address = urlsplit(stack.api_url)

    def get(path: str, headers: Mapping[str, str]) -> tuple[int, str]:
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        connection.putrequest("GET", address.path + path, skip_host=True)
        for name, value in ({"host": address.netloc} | dict(headers)).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    return get


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_shows_what_is_hidden(stack: Stack, send: Send, hidden: str, spelling: str) -> None:
    path = spelling.format(c=f"alice:{hidden}", name=hidden)
    for headers in ({"x-api-key": stack.keys["bob"]}, {}):
        status, text = send(path, headers)
        assert status in {400, 401, 404}, text
        assert SECRET not in text


@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: next(iter(forged)))
def test_no_header_makes_somebody_else_of_the_caller(
    stack: Stack, send: Send, hidden: str, forged: Mapping[str, str]
) -> None:
    status, text = send(f"/catalog/collections/alice:{hidden}", {"x-api-key": stack.keys["bob"], **forged})
    assert (status, SECRET in text) == (404, False)
    status, text = send("/catalog", {"x-api-key": stack.keys["bob"], **forged})
    assert (status, "evil" in text, SECRET in text) == (200, False, False)


def test_two_credentials_are_none(stack: Stack, send: Send, hidden: str) -> None:
    both = {"x-api-key": stack.keys["bob"], "authorization": f"Bearer {stack.keys['alice']}"}
    assert send(f"/catalog/collections/alice:{hidden}", both)[0] == 401
