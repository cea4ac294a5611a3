"""Show what the functions and the parts of the stack have logged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from local.parts import TAIL_LINES, Home

GROUPS = "/aws/lambda/rs-server-"


def function_lines(logs: Any, since: timedelta) -> Iterator[str]:
    """Lines of all functions since that long ago, oldest first in each function."""
    start = int((datetime.now(UTC) - since).timestamp() * 1000)
    for group in _groups(logs):
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=start)
        for event in (event for page in pages for event in page["events"]):
            moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            yield f"{moment:%H:%M:%S} {group.removeprefix(GROUPS)}: {event['message'].rstrip()}"


def _groups(logs: Any) -> list[str]:
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=GROUPS)
    return [group["logGroupName"] for page in pages for group in page["logGroups"]]


def part_lines(home: Home) -> Iterator[str]:
    """The last lines of the log of each part, under its path."""
    for log in sorted((home.folder / "logs").glob("*.log")):
        yield f"==> {log}"
        yield from log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
