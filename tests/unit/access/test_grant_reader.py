"""Reading rights: fresh enough, for the right principal, bounded, and closed when the table is away."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from rs_server.access.grants import CACHE_SECONDS, CACHE_SUBJECTS, GrantReader
from rs_server.access.principals import ANONYMOUS, Principal
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from rs_server.access.store.grants import StoredGrant
from rs_server.errors import BackendUnavailable

A = ("catalog", "alice", "a")


class FakeGrants:
    """Grants by subject, with a count of reads and outages."""

    def __init__(self) -> None:
        self.by_subject: dict[str, list[Grant]] = {}
        self.reads: list[str] = []
        self.down = False

    def of_subject(self, subject):
        self.reads.append(subject)
        if self.down:
            raise BackendUnavailable("down")
        return [StoredGrant(grant, "alice", None) for grant in self.by_subject.get(subject, [])]

    def give(self, subject, expires=None):
        self.by_subject[subject] = [Grant(subject, ResourcePattern(A), frozenset({"read"}), expires)]


class FakeTokens:
    def grants(self, key_id):
        return [Grant("user:bob", ResourcePattern(A), frozenset({"read"}))] if key_id == "token:with-role" else []


class Time:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def grants():
    return FakeGrants()


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def reader(grants, time, clock):
    return GrantReader(grants, FakeTokens(), now=clock, monotonic=time)


def test_rights_are_never_older_than_15_seconds():
    assert CACHE_SECONDS <= 15


async def test_a_withdrawn_grant_ends_when_the_cache_does(reader, grants, time):
    grants.give("user:bob")
    assert (await reader.rights_of(Principal("bob"))).allows("read", A)
    grants.by_subject.clear()
    time.now += CACHE_SECONDS
    assert not (await reader.rights_of(Principal("bob"))).allows("read", A)


async def test_a_cached_grant_still_ends_at_its_own_time(reader, grants, clock):
    grants.give("user:bob", clock() + timedelta(seconds=1))
    assert (await reader.rights_of(Principal("bob"))).allows("read", A)
    clock.forward(seconds=1)
    assert not (await reader.rights_of(Principal("bob"))).allows("read", A)


async def test_each_subject_is_read_once_while_it_is_fresh(reader, grants):
    for _ in range(3):
        await reader.rights_of(Principal("bob", frozenset({"ops"})))
    assert sorted(grants.reads) == ["authenticated", "group:ops", "public", "user:bob"]


async def test_what_is_cached_for_one_is_no_others(reader, grants):
    grants.give("user:bob")
    assert (await reader.rights_of(Principal("bob"))).allows("read", A)
    for other in (Principal("bo"), Principal("bobby"), Principal("eve", frozenset({"bob"})), ANONYMOUS):
        assert not (await reader.rights_of(other)).allows("read", A)


async def test_a_tokens_roles_are_that_tokens(reader):
    assert (await reader.rights_of(Principal("bob", key_id="token:with-role"))).allows("read", A)
    assert not (await reader.rights_of(Principal("bob", key_id="token:without"))).allows("read", A)
    assert not (await reader.rights_of(Principal("eve", key_id="token:with-role"))).allows("read", A)


async def test_an_outage_opens_no_door_and_ends_with_the_outage(reader, grants, time):
    grants.down = True
    with pytest.raises(BackendUnavailable):
        await reader.rights_of(Principal("bob"))
    grants.down = False
    await reader.rights_of(Principal("bob"))
    grants.down = True
    time.now += CACHE_SECONDS
    with pytest.raises(BackendUnavailable):
        await reader.rights_of(Principal("bob"))


async def test_the_cache_is_bounded_and_the_oldest_go_first(reader, grants):
    await reader.rights_of(Principal("first"))
    groups = [
        frozenset({f"g{number}" for number in range(start, start + 100)}) for start in range(0, CACHE_SUBJECTS, 100)
    ]
    for number, names in enumerate(groups):
        await reader.rights_of(Principal(f"u{number}", names))
    grants.reads.clear()
    await reader.rights_of(Principal("u19"))
    await reader.rights_of(Principal("first"))
    assert "user:first" in grants.reads
    assert "user:u19" not in grants.reads


async def test_many_principals_at_once_get_their_own_rights(reader, grants):
    for number in range(50):
        grants.by_subject[f"user:u{number}"] = [
            Grant(f"user:u{number}", ResourcePattern(("catalog", "alice", f"c{number}")), frozenset({"read"}))
        ]
    rights = await asyncio.gather(*(reader.rights_of(Principal(f"u{number}")) for number in range(50)))
    for number, right in enumerate(rights):
        allowed = [other for other in range(50) if right.allows("read", ("catalog", "alice", f"c{other}"))]
        assert allowed == [number]
