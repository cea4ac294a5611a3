"""The rights clause lets pass what `ResourceFilter` lets pass, and nothing else."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rs_server.access.principals import Principal, Scope
from rs_server.access.resources import ResourcePattern, catalog_resource
from rs_server.access.rights import Grant, ResourceFilter, Rights
from rs_server.catalog.rights_clause import COLLECTION_TERMS, ITEM_TERMS, MANY, MOST, NOTHING, all_of, rights_clause
from rs_server.stac.ids import CollectionId

owners = st.sampled_from(["alice", "al", "bob", "b_b", "c-c"])
collections = st.sampled_from(["s1", "s1-l0", "s1-l0-raw", "S1", "s2", "a.b", "s"])
patterns = st.one_of(
    st.builds(lambda owner, name: f"catalog:{owner}:{name}", owners, collections),
    st.builds(lambda owner, name: f"catalog:{owner}:{name}*", owners, collections),
    st.builds(lambda owner: f"catalog:{owner}:*", owners),
    st.builds(lambda name: f"catalog:*:{name}", collections),
    st.builds(lambda name: f"catalog:*:{name}*", collections),
    st.just("catalog:*:*"),
).map(ResourcePattern.parse)
filters = st.builds(
    ResourceFilter,
    st.frozensets(patterns, max_size=6),
    st.one_of(st.none(), st.frozensets(patterns, max_size=3)),
)


def matches(query: dict[str, Any], document: dict[str, str]) -> bool:
    """What the engine does with the few queries a rights clause is made of (keyword fields)."""
    ((kind, body),) = query.items()
    match kind:
        case "match_all":
            return True
        case "match_none":
            return False
        case "bool":
            return all(matches(clause, document) for clause in body.get("filter", ())) and (
                "should" not in body or any(matches(clause, document) for clause in body["should"])
            )
    ((field, value),) = body.items()
    match kind:
        case "terms":
            return document[field] in value
        case "prefix":
            return document[field].startswith(value["value"])
        case "wildcard":
            return fnmatchcase(document[field], value["value"])
    raise AssertionError(kind)


@given(filters, owners, collections)
def test_clause_equals_filter(allowed: ResourceFilter, owner: str, name: str) -> None:
    collection = CollectionId(owner, name)
    expected = allowed.matches(catalog_resource(collection))
    item = {"collection": str(collection), "properties.owner": owner}
    stored_collection = {"id": str(collection), "owner": owner}
    assert matches(rights_clause(allowed, ITEM_TERMS), item) == expected
    assert matches(rights_clause(allowed, COLLECTION_TERMS), stored_collection) == expected


def test_no_right_is_an_impossible_clause() -> None:
    assert rights_clause(ResourceFilter(frozenset()), ITEM_TERMS) == NOTHING


def test_a_narrowed_key_without_a_catalog_resource_matches_nothing() -> None:
    scope = Scope(frozenset({"read"}), (ResourcePattern.parse("cadip:mti"),))
    rights = Rights.of(Principal("alice", scope=scope), ())
    assert rights_clause(rights.filter("read", "catalog"), ITEM_TERMS) == NOTHING


def test_rights_on_other_services_are_not_rights_here() -> None:
    stray = ResourceFilter(frozenset({ResourcePattern.parse("cadip:*"), ResourcePattern.parse("process:*")}))
    assert rights_clause(stray, ITEM_TERMS) == NOTHING


def test_owner_is_one_term_and_shared_collections_are_one_list() -> None:
    grants = [
        Grant("user:alice", ResourcePattern.parse(f"catalog:bob:c{number}"), frozenset({"read"})) for number in range(3)
    ]
    clause = rights_clause(Rights.of(Principal("alice"), grants).filter("read", "catalog"), ITEM_TERMS)
    assert clause == {
        "bool": {
            "should": [
                {"terms": {"properties.owner": ["alice"]}},
                {"terms": {"collection": ["bob:c0", "bob:c1", "bob:c2"]}},
            ],
            "minimum_should_match": 1,
        }
    }


def test_ids_that_an_owner_clause_covers_are_left_out() -> None:
    allowed = frozenset(map(ResourcePattern.parse, ("catalog:bob:*", "catalog:bob:one", "catalog:bob:tw*")))
    assert rights_clause(ResourceFilter(allowed), ITEM_TERMS) == {"terms": {"properties.owner": ["bob"]}}


@pytest.mark.parametrize("position", [0, 1])
def test_nothing_and_anything_is_nothing(position: int) -> None:
    clauses = [{"term": {"id": "x"}}]
    clauses.insert(position, NOTHING)
    assert all_of(*clauses) == NOTHING


def test_very_many_collections_are_listed_by_number_and_in_parts() -> None:
    names = frozenset(ResourcePattern.parse(f"catalog:alice:c{number}") for number in range(MOST + 1))
    clause = rights_clause(ResourceFilter(names), ITEM_TERMS, lambda name: int(name.removeprefix("alice:c")))
    lists = [part["terms"][ITEM_TERMS.number] for part in clause["bool"]["should"]]
    assert [len(numbers) for numbers in lists] == [MOST, 1]
    assert sorted(number for numbers in lists for number in numbers) == list(range(MOST + 1))
    few = frozenset(sorted(names, key=str)[:MANY])
    assert list(rights_clause(ResourceFilter(few), ITEM_TERMS, len)["terms"]) == [ITEM_TERMS.collection]
