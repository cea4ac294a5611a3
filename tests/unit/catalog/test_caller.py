"""Collection ids at the border: whole, or the caller's own."""

from __future__ import annotations

import pytest

from rs_server.access.principals import ANONYMOUS, Principal
from rs_server.access.rights import Rights
from rs_server.catalog.caller import Caller
from rs_server.errors import InvalidRequest, Unauthenticated
from rs_server.stac.ids import CollectionId


def caller(principal: Principal) -> Caller:
    return Caller(Rights.of(principal, ()))


def test_without_owner_it_is_the_callers() -> None:
    assert caller(Principal("alice")).collection("s1-l0") == CollectionId("alice", "s1-l0")


def test_with_owner_it_is_that_owners() -> None:
    assert caller(Principal("alice")).collection("bob:s1-l0") == CollectionId("bob", "s1-l0")


def test_nobody_owns_nothing() -> None:
    with pytest.raises(Unauthenticated):
        caller(ANONYMOUS).collection("s1-l0")
    assert caller(ANONYMOUS).collection("bob:s1-l0") == CollectionId("bob", "s1-l0")


@pytest.mark.parametrize(
    "text", ["", ":x", "Alice:x", "alice:", "alice:a/b", "alice:a:b", "alice:a|b", "public:x", "a*"]
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        caller(Principal("alice")).collection(text)
