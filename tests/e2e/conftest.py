"""What end-to-end tests run on: the stack that `make up` deployed, called as users call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from local import emulator, stack_file
from local.stack_file import Stack

if TYPE_CHECKING:
    from boto3.session import Session

ROOT = Path(__file__).parents[2]
SECONDS = 60
"""For an answer: the first call to a function unpacks its layers."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "cadip": (
        "docs/",
        "client/test_demo.py",
        "stac/test_pystac_client.py",
        "staging/test_fairness.py",
        "staging/test_cancel.py",
        "staging/test_session_cut_short.py",
        "staging/test_standing_order.py",
    ),
    "browser": ("browser/", "client/test_rs.py"),
    "authorizer": ("authorization/", "browser/test_log_in.py", "staging/test_dead_letters.py"),
    "waiting": ("staging/",),
    "reading": ("",),
}
"""Tests that follow each other, by how their paths begin, those that take longest first; groups run side by side.

`cadip` are those that stage from that station, or that change its faults or its clock; `authorizer` lets the deployed
authorizer trust an identity provider of its own, and replays all dead letters; `waiting` waits most of the time, for
other stations; `reading` makes nothing and breaks nothing that others see. A path belongs to the group with the longest
beginning that fits.
"""

Api = Callable[..., httpx.Client]


def group_of(nodeid: str) -> str:
    """The group of a test."""
    path = nodeid.partition("::")[0].removeprefix("tests/e2e/")
    fitting = {start: group for group, starts in GROUPS.items() for start in starts if path.startswith(start)}
    return fitting[max(fitting, key=len)]


class OneGroupAfterTheOther(LoadScopeScheduling):
    """Gives each worker that has nothing to do the next group."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the order is that of the groups, not of their numbers of tests

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneGroupAfterTheOther:
    """Let tests that would disturb each other follow each other."""
    return OneGroupAfterTheOther(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of this folder into the order of their groups."""
    groups = list(GROUPS)
    here = [item for item in items if item.nodeid.startswith("tests/e2e/")]
    ordered = iter(sorted(here, key=lambda item: groups.index(group_of(item.nodeid))))
    items[:] = [next(ordered) if item.nodeid.startswith("tests/e2e/") else item for item in items]


@pytest.fixture(scope="session")
def stack() -> Stack:
    """The running stack: its addresses, keys and outputs."""
    running = stack_file.read(ROOT / ".local" / "stack.json")
    assert running is not None, "There is no .local/stack.json: run `make up` first."
    return running


@pytest.fixture(scope="session")
def api(stack: Stack) -> Iterator[Api]:
    """Makes clients of the API: `api("alice")` with her key, `api(key=...)` with that one, `api()` without any."""
    with ExitStack() as clients:

        def client(login: str = "", *, key: str = "") -> httpx.Client:
            credential = key or (stack.keys[login] if login else "")
            headers = {"x-api-key": credential} if credential else {}
            return clients.enter_context(httpx.Client(base_url=stack.api_url, headers=headers, timeout=SECONDS))

        yield client


@pytest.fixture(scope="session")
def aws(stack: Stack) -> Session:
    """An administrator's AWS session on the emulator, to see or break what users cannot reach."""
    return emulator.session(httpx.URL(stack.aws_endpoint_url).port or 80)
