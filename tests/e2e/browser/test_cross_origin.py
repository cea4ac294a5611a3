"""A page of another origin in headless Chromium: CORS lets it read every answer, refusals included."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

SESSION = "S1A_20241114143038056552"

FETCH = """async ([url, options]) => {
  const answer = await fetch(url, options);
  const text = await answer.text();
  return {
    status: answer.status,
    length: text.length,
    text: text.slice(0, 2000),
    headers: Object.fromEntries(answer.headers.entries()),
  };
}"""


class EmptyPage(http.server.BaseHTTPRequestHandler):
    """A page of some institute's own site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>another origin</title>")

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """A page whose origin is not the API's."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    opened = chromium.new_page()
    opened.goto(f"http://127.0.0.1:{server.server_port}/")
    yield opened
    opened.close()
    server.shutdown()
    server.server_close()


@pytest.fixture
def fetch(page, stack):
    """Does what a script of the page does; fails where CORS does not let it read the answer."""

    def call(path: str, key: str = "", method: str = "GET", body: str | None = None, **headers: str) -> dict[str, Any]:
        if key:
            headers["Authorization"] = f"Bearer {key}"
        options = {"method": method, "headers": headers, "body": body}
        answer: dict[str, Any] = page.evaluate(FETCH, [stack.api_url + path, options])
        return answer

    return call


@pytest.mark.parametrize(
    "path",
    ["/", "/catalog", "/catalog/collections", "/cadip/collections", "/cadip/search?limit=1", "/jobs", "/access/me"],
)
def test_with_a_key_answers_are_read(fetch, stack, path):
    assert fetch(path, stack.keys["alice"])["status"] == 200


@pytest.mark.parametrize("path", ["/", "/health", "/catalog", "/catalog/collections"])
def test_without_a_key_what_is_public_is_read(fetch, path):
    assert fetch(path)["status"] == 200


@pytest.mark.parametrize("path", ["/jobs", "/access/me", "/catalog/collections/alice:s1-l0"])
def test_without_a_key_the_401_is_read(fetch, path):
    answer = fetch(path)
    assert answer["status"] == 401
    assert "description" in answer["text"] or "detail" in answer["text"]


def test_the_401_for_a_wrong_key_is_read(fetch):
    answer = fetch("/catalog", "rss_wrong")
    assert answer["status"] == 401
    assert answer["text"]


def test_the_key_may_go_in_its_own_header(fetch, stack):
    assert fetch("/access/me", **{"x-api-key": stack.keys["alice"]})["status"] == 200


def test_a_post_with_a_body_is_read(fetch, stack):
    body = '{"collections": ["s1_mti"], "limit": 1}'
    answer = fetch("/cadip/search", stack.keys["alice"], "POST", body, **{"Content-Type": "application/json"})
    assert answer["status"] == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/catalog/collections/alice:nowhere", 404), ("/cadip/search?datetime=yesterday", 400)]
)
def test_refusals_are_read(fetch, stack, path, status):
    assert fetch(path, stack.keys["alice"])["status"] == status
