"""Signature Version 4 of requests to a domain, computed here from the specification's four steps."""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import quote, urlsplit

import pytest
from botocore.credentials import Credentials

from rs_server.catalog.engine.connections import OpenSearchConnection
from rs_server.catalog.engine.signing import RequestSigner
from rs_server.settings import MissingSetting, SearchEngineSettings, read

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "the-token-of-a-role"
REGION = "eu-central-1"
DOMAIN = "https://search-rs.eu-central-1.es.amazonaws.com"


def expected(method: str, url: str, body: bytes, headers: dict[str, str]) -> str:
    """The signature of a request (AWS IAM User Guide, "Create a signed AWS API request")."""
    parts = urlsplit(url)
    named = {name.lower(): value for name, value in headers.items() if name.lower() != "authorization"}
    named["host"] = parts.netloc
    signed = ";".join(sorted(named))
    canonical = "\n".join(
        [
            method,
            quote(parts.path, safe="/-_.~"),
            "&".join(sorted(parts.query.split("&"))),
            *(f"{name}:{named[name]}" for name in sorted(named)),
            "",
            signed,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    moment = named["x-amz-date"]
    scope = f"{moment[:8]}/{REGION}/es/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for word in scope.split("/"):
        key = hmac.digest(key, word.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders={signed}, Signature={signature}"


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/rs-items/_doc/alice%3As1%7Cone%20two", b""),
        ("PUT", "/rs-items/_doc/alice%3As1%7Cone?refresh=wait_for&if_seq_no=3&if_primary_term=1", b'{"id":"one"}'),
        ("POST", "/rs-items/_bulk?refresh=true", b"{}\n{}\n"),
    ],
)
@pytest.mark.parametrize("token", [None, TOKEN])
def test_the_signature_is_that_of_the_specification(method: str, target: str, body: bytes, token: str | None) -> None:
    signer = RequestSigner(Credentials(KEY, SECRET, token), REGION)
    headers = signer.headers(method, DOMAIN + target, body or None, "application/json")
    assert headers.get("X-Amz-Security-Token") == token
    assert re.fullmatch(r"\d{8}T\d{6}Z", headers["X-Amz-Date"])
    assert headers["content-type"] == "application/json"
    assert headers["Authorization"] == expected(method, DOMAIN + target, body, headers)


class Transport:
    """Keeps what it was asked to send."""

    sent: tuple[object, ...] = ()
    headers: dict[str, str]

    async def perform_request(self, *request: object, headers: dict[str, str]) -> dict[str, str]:
        self.sent, self.headers = request, headers
        return {}


class Client:
    def __init__(self) -> None:
        self.transport = Transport()


async def test_the_connection_sends_what_was_signed() -> None:
    client = Client()
    signer = RequestSigner(Credentials(KEY, SECRET, TOKEN), REGION)
    connection = OpenSearchConnection(client, f"{DOMAIN}/", signer)  # type: ignore[arg-type]  # all that is used of it
    parameters = {"refresh": "wait_for", "if_seq_no": "3"}
    await connection.call("PUT", "/rs-items/_doc/a%7Cb", parameters, b"{}", "application/json")
    assert client.transport.sent == ("PUT", "/rs-items/_doc/a%7Cb", parameters, b"{}")
    url = f"{DOMAIN}/rs-items/_doc/a%7Cb?refresh=wait_for&if_seq_no=3"
    headers = client.transport.headers
    assert headers["Authorization"] == expected("PUT", url, b"{}", headers)


async def test_without_a_signer_nothing_is_signed() -> None:
    client = Client()
    await OpenSearchConnection(client, DOMAIN).call("GET", "/", {}, None, "application/json")  # type: ignore[arg-type]  # as above
    assert client.transport.headers == {"content-type": "application/json"}


def test_only_opensearch_knows_roles() -> None:
    environment = {"SEARCH_ENGINE": "elasticsearch", "SEARCH_ENGINE_URL": DOMAIN, "SEARCH_ENGINE_AUTH": "iam"}
    with pytest.raises(MissingSetting, match="SEARCH_ENGINE_AUTH"):
        read(SearchEngineSettings, environment)
