"""A catalog with something in it."""

from __future__ import annotations

import pytest

from local.stack_file import Stack
from rs_client import Client

SESSION = "S1A_20241114143038056552"


@pytest.fixture(scope="session")
def staged_session(stack: Stack) -> str:
    """Id of a collection of alice's that holds the recorded session."""
    with Client(stack.api_url, stack.keys["alice"]) as alice:
        if "alice:s1-l0" not in {collection.id for collection in alice.catalog.collections()}:
            alice.catalog.create("s1-l0")
        alice.jobs.wait(alice.jobs.stage("s1-l0", alice.search_url("cadip", collections=["s1_mti"], ids=[SESSION])).id)
    return "alice:s1-l0"
