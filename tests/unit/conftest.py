"""Unit tests reach nothing but this machine itself: a test that calls out fails at once, and says where it called."""

from __future__ import annotations

import pytest
from pytest_socket import socket_allow_hosts


@pytest.fixture(autouse=True)
def no_network() -> None:
    """Refuse connections to other machines; the plugin lifts it after each test."""
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
