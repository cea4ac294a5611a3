"""Different public ids never reach one cache entry: what was asked for one of them changes the answer for no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from rs_server.access.grants import GrantReader
from rs_server.access.principals import Principal
from rs_server.access.resources import Resource, ResourcePattern
from rs_server.access.rights import Grant, Rights
from rs_server.access.store.grants import StoredGrant
from rs_server.catalog.numbers import _numbered, new_key
from rs_server.errors import InvalidRequest
from rs_server.stac.ids import CollectionId, check_asset_name, check_item_id, document_id, object_key

LOOKALIKES = ["a", "A", "\u0430", "\uff41", "a\u200b", "a ", " a", "%61", "e\u0301", "\u00e9"]
SEPARATORS = [
    "a%3A",
    "a:a",
    "a/a",
    "a|a",
    "a,a",
    "a:",
    ":a",
    "/a",
    "..",
    "user:a",
    "group:a",
    "subject:user:a",
    "token:a",
]
HOSTILE = [*LOOKALIKES, *SEPARATORS, "public", "authenticated"]
"""Names that look alike, are the same once normalised or decoded, or hold what separates the parts of a key."""
NAMES = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=4)
COLLECTIONS = st.builds(CollectionId, NAMES, NAMES)
KEYS = st.sampled_from(["", "k1"]) | NAMES.map("token:{}".format)
PRINCIPALS = st.builds(
    Principal, NAMES | st.just(""), st.frozensets(NAMES, max_size=2), st.just(value=False), KEYS, st.none()
)
KEY = new_key()
NO_OR_ALL = (frozenset[str](), frozenset(HOSTILE))


def only_for(holder: str) -> Resource:
    """What a subject or a token's record has a grant on, and nobody else."""
    return ("catalog", "alice", f"c{holder.encode().hex()}")


def grant(holder: str, subject: str) -> Grant:
    return Grant(subject, ResourcePattern(only_for(holder)), frozenset({"read"}))


@dataclass
class EachItsOwn:
    """Tables in which every subject, and every token, has a grant of its own."""

    def of_subject(self, subject: str) -> Sequence[StoredGrant]:
        return [StoredGrant(grant(subject, subject), "root", None)]  # type: ignore[arg-type]  # nobody asks since when

    def grants(self, key_id: str) -> Sequence[Grant]:
        return [grant(f"record {key_id}", "public")]


def reader() -> GrantReader:
    """One that keeps all it has read."""
    tables: Any = EachItsOwn()
    return GrantReader(tables, tables, monotonic=lambda: 0.0)


async def answers(asked: Sequence[Principal], readers: Sequence[GrantReader]) -> list[Rights]:
    return [await each.rights_of(principal) for principal, each in zip(asked, readers, strict=True)]


@example([Principal(who, groups, key_id=f"token:{who}") for groups in NO_OR_ALL for who in HOSTILE])
@given(st.lists(PRINCIPALS, min_size=2, max_size=5).flatmap(lambda some: st.permutations([*some, *some])))
def test_nobody_is_given_the_rights_that_were_read_for_another(asked: list[Principal]) -> None:
    shared = reader()
    kept = asyncio.run(answers(asked, [shared] * len(asked)))
    anew = asyncio.run(answers(asked, [reader() for _ in asked]))
    for principal, one, other in zip(asked, kept, anew, strict=True):
        assert one == other
        records = [f"record {principal.key_id}"] if principal.key_id.startswith("token:") else []
        for holder in {*principal.subjects, *records}:
            assert one.allows("read", only_for(holder))
        strangers = {subject for each in asked for subject in each.subjects} - set(principal.subjects)
        assert not any(one.allows("read", only_for(holder)) for holder in strangers)


@given(st.lists(COLLECTIONS, min_size=2, max_size=6))
def test_no_two_collections_share_a_number(collections: list[CollectionId]) -> None:
    numbered = _numbered(KEY)
    names = [str(each) for each in collections]
    numbers = [numbered(name) for name in names]
    assert numbers == [_numbered.__wrapped__(KEY)(name) for name in names], "as without the cache"
    assert len(set(numbers)) == len(set(names))


def accepted(text: str) -> str | None:
    try:
        return check_asset_name(text)
    except InvalidRequest:
        return None


@given(st.lists(NAMES, min_size=2, max_size=6), COLLECTIONS)
def test_a_name_that_was_checked_is_kept_for_itself(names: list[str], collection: CollectionId) -> None:
    """The same name, to the letter, whatever was asked before: neither normalised nor decoded, in keys as well."""
    good = [name for name in names * 2 if accepted(name) is not None]
    assert [accepted(name) for name in good] == good == [check_item_id(name) for name in good]
    for key_of in (lambda name: document_id(collection, name), lambda name: object_key(collection, "i", name)):
        assert len({key_of(name) for name in good}) == len(set(good))
