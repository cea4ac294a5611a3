"""The decision table, by hand from what the documentation of rights says (docs/access.md)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rs_server.access.principals import ANONYMOUS, MAX_GROUPS, MAX_SCOPE, Principal, Scope
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant, Rights
from rs_server.errors import Forbidden, NotFound, Unauthenticated

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHARED = ("catalog", "alice", "shared")
SECRET = ("catalog", "alice", "secret")
OPEN = ("catalog", "alice", "open")
TEAM = ("catalog", "alice", "team")
KNOWN = ("catalog", "alice", "known")
STATION = ("cadip", "mti")
OTHER_STATION = ("cadip", "sgs")
STAGING = ("process", "staging")
ACTIONS = ("read", "download", "write", "manage")


def pattern(text: str) -> ResourcePattern:
    return ResourcePattern.parse(text)


def grant(subject: str, resource: str, *actions: str, expires: datetime | None = None) -> Grant:
    return Grant(subject, pattern(resource), frozenset(actions), expires)


GRANTS = (
    grant("public", "catalog:alice:open", "read"),
    grant("authenticated", "catalog:alice:known", "read", "download"),
    grant("group:ops", "catalog:alice:team", "write"),
    grant("user:bob", "catalog:alice:shared", "read"),
    grant("user:bob", "catalog:alice:shared-old", "read", expires=NOW),
    grant("user:bob", "cadip:mti", "read"),
    grant("user:dora", "catalog:alice:shared", "download"),
    grant("user:mona", "catalog:alice:shared", "manage"),
    grant("user:stan", "process:*", "write"),
    grant("user:wide", "catalog:*:s*", "read"),
)
ALICE, BOB, DORA, MONA = (Principal(name) for name in ("alice", "bob", "dora", "mona"))
OLIVE = Principal("olive", frozenset({"ops"}))
STAN, WIDE, EVE = Principal("stan"), Principal("wide"), Principal("eve")
ADMIN = Principal("admin", admin=True)
READING_BOB = Principal("bob", scope=Scope(frozenset({"read"}), (pattern("catalog:alice:*"),)))
READING_ALICE = Principal("alice", scope=Scope(frozenset({"read"}), (pattern("catalog:alice:shared"),)))
NARROW_ADMIN = Principal("admin", admin=True, scope=Scope(frozenset({"read", "write"}), (pattern("catalog:alice:t*"),)))
ELSEWHERE_ALICE = Principal("alice", scope=Scope(frozenset(ACTIONS), (pattern("catalog:bob:*"),)))

# principal, resource, and the answers to read, download, write and manage
TABLE = [
    # Anonymous: what is public, else 401, whether it exists or not.
    (ANONYMOUS, OPEN, 200, 401, 401, 401),
    (ANONYMOUS, KNOWN, 401, 401, 401, 401),
    (ANONYMOUS, SECRET, 401, 401, 401, 401),
    (ANONYMOUS, STATION, 401, 401, 401, 401),
    (ANONYMOUS, STAGING, 401, 401, 401, 401),
    # The owner has all four on what is theirs, and nothing elsewhere.
    (ALICE, SECRET, 200, 200, 200, 200),
    (ALICE, OPEN, 200, 200, 200, 200),
    (ALICE, ("catalog", "bob", "secret"), 404, 404, 404, 404),
    (ALICE, STATION, 404, 404, 404, 404),
    (ALICE, STAGING, 404, 404, 404, 404),
    # No action implies another; any action makes the thing seen.
    (BOB, SHARED, 200, 403, 403, 403),
    (DORA, SHARED, 403, 200, 403, 403),
    (MONA, SHARED, 403, 403, 403, 200),
    (OLIVE, TEAM, 403, 403, 200, 403),
    (BOB, SECRET, 404, 404, 404, 404),
    (BOB, TEAM, 404, 404, 404, 404),
    (BOB, ("catalog", "alice", "absent"), 404, 404, 404, 404),
    # A name that another one starts with is another name.
    (BOB, ("catalog", "alice", "shared2"), 404, 404, 404, 404),
    (BOB, ("catalog", "alice", "share"), 404, 404, 404, 404),
    # A grant that expires now has expired.
    (BOB, ("catalog", "alice", "shared-old"), 404, 404, 404, 404),
    # `authenticated` and `public` are for who has a credential, too.
    (EVE, KNOWN, 200, 200, 403, 403),
    (EVE, OPEN, 200, 403, 403, 403),
    # Stations and processes.
    (BOB, STATION, 200, 403, 403, 403),
    (BOB, OTHER_STATION, 404, 404, 404, 404),
    (STAN, STAGING, 403, 403, 200, 403),
    # A wildcard over owners reaches all owners, but not other names.
    (WIDE, SHARED, 200, 403, 403, 403),
    (WIDE, ("catalog", "bob", "s"), 200, 403, 403, 403),
    (WIDE, ("catalog", "bob", "t"), 404, 404, 404, 404),
    # Administrators may do everything everywhere.
    (ADMIN, SECRET, 200, 200, 200, 200),
    (ADMIN, STATION, 200, 200, 200, 200),
    (ADMIN, STAGING, 200, 200, 200, 200),
    # A narrowed key: its user's rights, and its scope, both.
    (READING_BOB, SHARED, 200, 403, 403, 403),
    (READING_BOB, SECRET, 404, 404, 404, 404),
    (READING_BOB, STATION, 404, 404, 404, 404),
    (READING_ALICE, SHARED, 200, 403, 403, 403),
    (READING_ALICE, SECRET, 404, 404, 404, 404),
    (NARROW_ADMIN, TEAM, 200, 403, 200, 403),
    (NARROW_ADMIN, SECRET, 404, 404, 404, 404),
    (NARROW_ADMIN, STATION, 404, 404, 404, 404),
    (ELSEWHERE_ALICE, SECRET, 404, 404, 404, 404),
    (ELSEWHERE_ALICE, ("catalog", "bob", "secret"), 404, 404, 404, 404),
]
ERRORS = {401: Unauthenticated, 403: Forbidden, 404: NotFound}


@pytest.mark.parametrize(("principal", "resource", "read", "download", "write", "manage"), TABLE)
def test_the_decision_table(principal, resource, read, download, write, manage):
    rights = Rights.of(principal, GRANTS, NOW)
    for action, status in zip(ACTIONS, (read, download, write, manage), strict=True):
        assert rights.allows(action, resource) == (status == 200)
        assert rights.filter(action, resource[0]).matches(resource) == (status == 200)
        if status == 200:
            rights.require(action, resource, "There is no such thing.")
        else:
            with pytest.raises(ERRORS[status]) as raised:
                rights.require(action, resource, "There is no such thing.")
            assert type(raised.value) is ERRORS[status]
            assert raised.value.refused == f"{action} {':'.join(resource)}"


def test_what_is_not_seen_is_refused_in_the_words_of_what_is_absent():
    rights = Rights.of(BOB, GRANTS, NOW)
    for resource in (SECRET, ("catalog", "alice", "absent")):
        with pytest.raises(NotFound, match=r"^There is no such thing\.$"):
            rights.require("read", resource, "There is no such thing.")


def test_without_grants_nothing_is_allowed_and_the_filter_matches_nothing():
    rights = Rights.of(ANONYMOUS, (), NOW)
    for action in ACTIONS:
        assert rights.filter(action, "catalog").allowed == frozenset()
        assert not rights.filter(action, "catalog").matches(OPEN)


def test_grants_of_other_subjects_do_not_count_whoever_hands_them_in():
    grants = [grant("user:bob", "catalog:alice:*", *ACTIONS), grant("group:eve", "catalog:alice:*", "read")]
    assert not Rights.of(EVE, grants, NOW).sees(SECRET)


def test_a_grant_ends_at_its_time():
    until = grant("user:eve", "catalog:alice:a", "read", expires=NOW + timedelta(seconds=1))
    resource = ("catalog", "alice", "a")
    assert Rights.of(EVE, [until], NOW).allows("read", resource)
    assert not Rights.of(EVE, [until], NOW + timedelta(seconds=1)).allows("read", resource)


def test_a_context_without_login_is_anonymous_whatever_it_claims():
    forged = Principal.from_context({"login": "", "admin": "true", "groups": "ops", "scope": ""})
    assert forged == ANONYMOUS
    assert forged.subjects == ("public",)


@pytest.mark.parametrize("admin", ["True", "1", "yes", "", "TRUE"])
def test_only_the_authorizers_own_word_makes_an_administrator(admin):
    assert not Principal.from_context({"login": "eve", "admin": admin}).admin


@pytest.mark.parametrize("principal", [ANONYMOUS, ALICE, OLIVE, ADMIN, READING_BOB, NARROW_ADMIN])
def test_a_principal_travels_unchanged(principal):
    assert Principal.from_context(principal.to_context()) == principal


def test_the_largest_principal_fits_into_the_gateways_context():
    groups = frozenset(f"{number:02}" + "g" * 61 for number in range(MAX_GROUPS))
    context = Principal("u" * 63, groups, True, "token:" + "f" * 64).to_context() | {"scope": "s" * MAX_SCOPE}
    assert sum(len(name) + len(value) for name, value in context.items()) < 4096
