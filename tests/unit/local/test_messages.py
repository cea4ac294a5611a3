"""What `make status` and `make logs` print."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local import logs, status
from local.options import read_options
from local.parts import Home, PartFailed
from local.stack_file import Stack

FREE = {"EMULATOR_PORT": "1", "ENGINE_PORT": "9299", "CADIP_PORT": "2"}
"""Ports on which nothing listens."""

STACK = Stack(
    api_url="http://localhost:1/api",
    browser_url=None,
    search_engine={"kind": "opensearch", "url": "http://localhost:9299"},
    aws_endpoint_url="http://localhost:1",
    bucket="objects",
    stations={},
    keys={"alice": "rss_2"},
)


def test_nothing_runs_and_what_to_do_about_it(tmp_path: Path) -> None:
    lines = list(status.lines(read_options(FREE), Home(tmp_path), None))
    assert [line.split() for line in lines[:-1]] == [
        [name, "not", "running"] for name in ("engine", "emulator", "cadip", "auxip", "prip", "lta")
    ]
    assert lines[-1] == "not deployed: `make up`"


def test_a_deployed_stack_is_told_with_its_address_and_keys(tmp_path: Path) -> None:
    lines = [line.split() for line in status.lines(read_options(FREE), Home(tmp_path), STACK)]
    assert ["API", "http://localhost:1/api"] in lines
    assert ["key", "alice", "rss_2"] in lines


def test_an_engine_of_the_users_own_is_told_as_given(tmp_path: Path) -> None:
    options = read_options({**FREE, "SEARCH_URL": "http://localhost:3"})
    lines = list(status.lines(options, Home(tmp_path), None))
    assert lines[0].split() == ["engine", "given,", "does", "not", "answer", "http://localhost:3"]
    assert not any(line.startswith("engine") for line in lines[1:])


class Logs:
    """Stands for the client of CloudWatch Logs."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self.events = events
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> Logs:
        self.operation = operation
        return self

    def paginate(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(arguments)
        if self.operation == "describe_log_groups":
            yield {"logGroups": [{"logGroupName": "/aws/lambda/rs-server-catalog"}]}
        else:
            yield {"events": self.events}


def test_a_functions_lines_have_its_name_and_their_time() -> None:
    moment = datetime(2026, 11, 23, 7, 30, 5, tzinfo=UTC)
    client = Logs([{"timestamp": moment.timestamp() * 1000, "message": "started\n"}])
    assert list(logs.function_lines(client, timedelta(minutes=1))) == ["07:30:05 catalog: started"]
    assert client.asked[0] == {"logGroupNamePrefix": "/aws/lambda/rs-server-"}


def test_the_parts_logs_end_under_their_names(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.log("engine").parent.mkdir()
    home.log("engine").write_text("".join(f"line {number}\n" for number in range(100)))
    lines = list(logs.part_lines(home))
    assert lines[0] == f"==> {home.log('engine')}"
    assert lines[-1] == "line 99"
    assert len(lines) < 40


def test_a_shell_gets_the_address_and_key_of_a_demo_user() -> None:
    assert status.exports(STACK, "alice") == "export RS_URL=http://localhost:1/api RS_API_KEY=rss_2"
    with pytest.raises(PartFailed, match="there is alice"):
        status.exports(STACK, "nobody")
    with pytest.raises(PartFailed, match="make up"):
        status.exports(None, "alice")
