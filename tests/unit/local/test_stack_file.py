"""`.local/stack.json` has the members that scripts rely on, and is written whole."""

from __future__ import annotations

import json
from pathlib import Path

from local import stack_file
from local.stack_file import Stack

STACK = Stack(
    api_url="http://localhost:4566/_aws/execute-api/abc/v1",
    browser_url=None,
    search_engine={"kind": "opensearch", "url": "http://localhost:9251"},
    aws_endpoint_url="http://localhost:4566",
    bucket="objects",
    stations={"cadip": {"url": "http://localhost:9001"}},
    keys={"admin": "rss_1", "alice": "rss_2", "bob": "rss_3"},
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    stack_file.write(tmp_path / "stack.json", STACK)
    assert stack_file.read(tmp_path / "stack.json") == STACK


def test_scripts_find_what_they_rely_on(tmp_path: Path) -> None:
    stack_file.write(tmp_path / "stack.json", STACK)
    document = json.loads((tmp_path / "stack.json").read_text())
    promised = {"api_url", "browser_url", "search_engine", "aws_endpoint_url", "bucket", "stations", "keys"}
    assert promised <= document.keys()
    assert document["search_engine"].keys() == {"kind", "url"}
    assert document["keys"].keys() == {"admin", "alice", "bob"}


def test_keys_are_for_the_owner_of_the_file_only(tmp_path: Path) -> None:
    stack_file.write(tmp_path / "stack.json", STACK)
    assert (tmp_path / "stack.json").stat().st_mode & 0o077 == 0


def test_no_file_is_no_stack(tmp_path: Path) -> None:
    assert stack_file.read(tmp_path / "stack.json") is None
