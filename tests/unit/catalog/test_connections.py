"""Credentials of the engine, from the secret's JSON."""

from __future__ import annotations

import pytest

from rs_server.catalog.engine.connections import authorization


@pytest.mark.parametrize(
    ("secret", "headers"),
    [
        ("", {}),
        ("{}", {}),
        ('{"api_key": "abc=="}', {"authorization": "ApiKey abc=="}),
        ('{"username": "rs", "password": "p:w"}', {"authorization": "Basic cnM6cDp3"}),
    ],
)
def test_authorization(secret: str, headers: dict[str, str]) -> None:
    assert authorization(secret) == headers
