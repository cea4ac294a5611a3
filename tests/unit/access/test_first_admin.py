"""The first administrator: one key, once, whoever calls and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from rs_server.access.authentication import Authenticator
from rs_server.access.credentials import digest_of, is_key, new_key
from rs_server.access.first_admin import SAVED_WITHIN, ensure_first_admin
from rs_server.access.store.audit import AuditEntry
from rs_server.access.store.keys import KeyStore, record_key
from rs_server.access.store.users import UserStore
from rs_server.errors import Unauthenticated


def test_the_first_call_makes_an_administrator_with_a_key(table, clock):
    key = ensure_first_admin(table, now=clock)
    assert key is not None
    principal = Authenticator(table, now=clock).principal_of(key, "")
    assert (principal.login, principal.admin, principal.scope) == ("admin", True, None)


@pytest.mark.parametrize("known", ["", "none yet", "{}", "rss_broken"])
def test_a_second_call_makes_nothing(table, clock, known):
    assert ensure_first_admin(table, known, clock)
    assert ensure_first_admin(table, known, clock) is None
    assert len(KeyStore(table).of_user("admin")) == 1


def test_of_many_calls_at_once_one_gets_a_key(table, clock):
    with ThreadPoolExecutor(8) as pool:
        keys = [key for key in pool.map(lambda _: ensure_first_admin(table, now=clock), range(8)) if key]
    assert len(keys) == 1
    assert is_key(keys[0])
    assert len(KeyStore(table).of_user("admin")) == 1


def test_a_key_that_was_never_saved_is_replaced_later(table, clock):
    ensure_first_admin(table, now=clock)
    clock.time += SAVED_WITHIN
    assert ensure_first_admin(table, now=clock) is None
    clock.forward(seconds=1)
    with ThreadPoolExecutor(8) as pool:
        keys = [key for key in pool.map(lambda _: ensure_first_admin(table, now=clock), range(8)) if key]
    assert len(keys) == 1
    assert Authenticator(table, now=clock).principal_of(keys[0], "").admin


def test_a_known_key_is_put_back_into_a_new_table(table, clock):
    known = new_key()
    assert ensure_first_admin(table, known, clock) is None
    assert Authenticator(table, now=clock).principal_of(known, "").admin


def test_a_known_key_that_was_revoked_stays_so(table, clock):
    known = ensure_first_admin(table, now=clock)
    assert known is not None
    keys = KeyStore(table, clock)
    keys.revoke(keys.of_user("admin")[0], AuditEntry("key.revoked", "key:x"))
    assert ensure_first_admin(table, known, clock) is None
    with pytest.raises(Unauthenticated):
        Authenticator(table, now=clock).principal_of(known, "")


def test_a_known_key_whose_record_is_gone_does_not_come_back(table, clock):
    known = ensure_first_admin(table, now=clock)
    assert known is not None
    pk, sk = record_key(digest_of(known))
    # As the table does long after its end.
    table.client.delete_item(TableName=table.name, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    assert ensure_first_admin(table, known, clock) is None
    with pytest.raises(Unauthenticated):
        Authenticator(table, now=clock).principal_of(known, "")


def test_a_disabled_administrator_stays_so(table, clock):
    known = ensure_first_admin(table, now=clock) or ""
    UserStore(table, clock).change("admin", AuditEntry("user.changed", "user:admin"), disabled=True)
    for _ in range(2):
        assert ensure_first_admin(table, known, clock) is None
    with pytest.raises(Unauthenticated):
        Authenticator(table, now=clock).principal_of(known, "")
