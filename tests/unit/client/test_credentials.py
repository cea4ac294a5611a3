"""What a person is told of a key that does not work."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rs_client.credentials import fault_of, refusal_of
from rs_server.access.credentials import new_key

NOW = datetime(2026, 11, 28, tzinfo=UTC)
KEY = "rss_" + 4 * "Example0" + "2hHecs"
"""With its true CRC-32; always the same, since it is in the names of tests."""


def test_a_key_of_the_server_has_no_fault():
    for _ in range(100):
        assert fault_of(new_key()) == ""


@pytest.mark.parametrize(
    "key",
    [
        KEY[:-1],
        KEY + "x",
        KEY[:10] + ("a" if KEY[10] != "a" else "b") + KEY[11:],
        KEY[:-1] + ("a" if KEY[-1] != "a" else "b"),
        "rss_",
    ],
)
def test_a_mistyped_key_is_known_by_its_checksum(key):
    message, hint = refusal_of(key)
    assert "mistyped" in message
    assert key not in message + hint or key == "rss_"


@pytest.mark.parametrize(
    ("key", "expires", "told"),
    [
        ("", "", "not logged in"),
        (KEY, "2026-11-27T23:59:00Z", "expired on 2026-11-27 at 23:59 UTC"),
        (KEY, "2026-11-27T23:59:00", "expired on 2026-11-27 at 23:59 UTC"),
        (KEY, "2026-11-28T00:01:00Z", "does not accept this key"),
        (KEY, "", "does not accept this key"),
        (KEY, "soon", "does not accept this key"),
        ("eyJhbGciOi.token.of-a-provider", "", "does not accept this key"),
    ],
)
def test_a_refused_key_is_told_as_far_as_one_can_know(key, expires, told):
    message, hint = refusal_of(key, expires, NOW)
    assert told in message
    assert "rs login" in hint
    assert KEY not in message + hint
