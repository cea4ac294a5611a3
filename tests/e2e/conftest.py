"""What end-to-end tests run on: the stack that `make up` deployed, called as users call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from local import emulator, stack_file
from local.stack_file import Stack

if TYPE_CHECKING:
    from boto3.session import Session

ROOT = Path(__file__).parents[2]
SECONDS = 60
"""For an answer: the first call to a function unpacks its layers."""

Api = Callable[..., httpx.Client]


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
