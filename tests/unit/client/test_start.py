"""`rs` starts at once: what a command does not need is not imported. The budget is in names, since clocks differ."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

REPORT = """
import json, sys
from rs_client.cli import app
code = 0
try:
    app(sys.argv[1:])
except SystemExit as end:
    code = end.code
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""
SEARCH = frozenset({"pystac", "pystac_client", "requests", "jsonschema", "dateutil"})
HTTP = frozenset({"httpx", "httpcore"})
BARS = frozenset({"rich.progress", "keyring", "asyncio"})
ANOTHER_COMMAND_LINE = frozenset({"click"})
"""Of httpx's own command line."""


class Keys(http.server.BaseHTTPRequestHandler):
    """A server that knows one user, without keys, and gives every grant."""

    def do_GET(self) -> None:
        self.answer({"user": "alice", "keys": [], "links": []})

    def do_PUT(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.answer(given | {"id": "g1", "granted_by": "alice", "created": "2026-11-23T12:00:00Z", "expires": None})

    def answer(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


@pytest.mark.parametrize(
    ("typed", "unwanted"),
    [
        (["--help"], SEARCH | HTTP | BARS | ANOTHER_COMMAND_LINE),
        (["keys", "--help"], SEARCH | HTTP | BARS | ANOTHER_COMMAND_LINE),
        (["keys", "list"], SEARCH | BARS | ANOTHER_COMMAND_LINE),
        (["share", "passes", "bob", "read"], SEARCH | BARS | ANOTHER_COMMAND_LINE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_imports_only_what_it_needs(typed, unwanted, server):
    environment = os.environ | {"RS_URL": server, "RS_API_KEY": "rss_any"}
    ended = subprocess.run(
        [sys.executable, "-c", REPORT, *typed], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    code, modules = json.loads(ended.stderr.splitlines()[-1])
    assert code in (0, None), ended.stderr
    assert unwanted & set(modules) == set()
