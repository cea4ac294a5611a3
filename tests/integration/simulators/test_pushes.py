"""Notices that a station pushes to an endpoint of the client's, with HTTP Basic."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.integration.simulators.conftest import station

CREDENTIALS = {"NotificationEpUsername": "me", "NotificationEpPassword": "secret"}


@pytest.fixture
def endpoint():
    """An endpoint that refuses its first call, then keeps what it is sent."""
    received: list[tuple[str, dict]] = []
    calls = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            calls.append(body)
            self.send_response(503 if len(calls) == 1 else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            if len(calls) > 1:
                received.append((self.headers["Authorization"], body))

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/notices", received
    server.shutdown()
    thread.join()
    server.server_close()


def first_received(received):
    deadline = time.monotonic() + 120
    while not received and time.monotonic() < deadline:
        time.sleep(0.05)
    return received[0]


def test_new_products_are_pushed(endpoint):
    """The clock goes on to where a product is published."""
    url, received = endpoint
    with station("auxip", "--now", "2024-11-15T00:00:00Z", "--speed", "0", scope="openid") as running:
        headers = running.log_in("basic")
        body = {"FilterParam": "contains(Name,'S')", "NotificationEndpoint": url, **CREDENTIALS}
        made = running.http.post(f"{running.root}/Subscriptions", json=body, headers=headers).json()
        running.http.post("/_sim/clock", json={"now": "2024-11-16T00:00:00Z"})
        authorization, notice = first_received(received)
    assert base64.b64decode(authorization.removeprefix("Basic ")) == b"me:secret"
    assert notice["SubscriptionId"] == made["Id"]


def test_completed_orders_are_pushed(endpoint):
    url, received = endpoint
    with station("lta", "--speed", "20", scope="profile email") as running:
        headers = running.log_in()
        page = running.http.get(f"{running.root}/Products?$filter=Online eq false&$top=1", headers=headers).json()
        body = {"Priority": 50, "NotificationEndpoint": url, **CREDENTIALS}
        action = f"{running.root}/Products({page['value'][0]['Id']})/OData.CSC.Order"
        made = running.http.post(action, json=body, headers=headers).json()
        _, notice = first_received(received)
    assert notice["OrderId"] == made["Id"]
