"""Rights as a clause of every query, so that pages are full, counts true and buckets right.

The clause is the exact image of `ResourceFilter.matches`. A set of rights that is empty becomes a clause that matches
nothing; it is never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import ResourceFilter
from rs_server.catalog.engine.mappings import DELETING, NUMBER_OF_COLLECTION
from rs_server.catalog.numbers import Numbered
from rs_server.stac.ids import CollectionId

Query = dict[str, Any]

MANY = 200
"""Shared collections from which their numbers are quicker to look up than their names."""
MOST = 60_000
"""Values in one list; the engine takes some more."""

NOTHING: Query = {"match_none": {}}
EVERYTHING: Query = {"match_all": {}}
PRESENT: Query = {"bool": {"must_not": [{"term": {DELETING: True}}]}}
"""What is not being deleted: to readers the rest is gone."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The keyword fields of a document that hold its collection's public id and its owner."""

    collection: str
    owner: str
    number: str = ""
    """The field with the collection's number, where there is one."""


ITEM_TERMS = Terms(collection="collection", owner="properties.owner", number=NUMBER_OF_COLLECTION)
COLLECTION_TERMS = Terms(collection="id", owner="owner")


def rights_clause(allowed: ResourceFilter, terms: Terms, numbered: Numbered | None = None) -> Query:
    """The query that matches exactly the documents of collections which `allowed` lets pass.

    With `numbered`, lists of very many collections are lists of their numbers.
    """
    granted = _any_of(allowed.allowed, terms, numbered)
    if allowed.within is None:
        return granted
    return all_of(granted, _any_of(allowed.within, terms, numbered))


def of_collection(collection: CollectionId | str) -> Query:
    """The query that matches the items of one collection, and nobody else's."""
    return {"term": {ITEM_TERMS.collection: str(collection)}}


def all_of(*clauses: Query) -> Query:
    """All clauses together, as filters: none of them changes a score."""
    if NOTHING in clauses:
        return NOTHING
    telling = [clause for clause in clauses if clause != EVERYTHING]
    if len(telling) == 1:
        return telling[0]
    return {"bool": {"filter": telling}} if telling else EVERYTHING


def any_of(clauses: list[Query]) -> Query:
    """At least one of `clauses`; nothing when there is none."""
    if not clauses:
        return NOTHING
    if EVERYTHING in clauses:
        return EVERYTHING
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}


def _any_of(patterns: Iterable[ResourcePattern], terms: Terms, numbered: Numbered | None) -> Query:
    pairs = sorted({(owner, collection) for service, owner, collection in _of_the_catalog(patterns)})
    owners = [owner for owner, collection in pairs if collection == "*" and owner != "*"]
    narrower = [(owner, collection) for owner, collection in pairs if collection != "*" and owner not in owners]
    ids = [f"{owner}:{collection}" for owner, collection in narrower if owner != "*" and not collection.endswith("*")]
    clauses: list[Query] = [EVERYTHING] if ("*", "*") in pairs else []
    if owners:
        clauses.append({"terms": {terms.owner: owners}})
    clauses += _listed(ids, terms, numbered)
    clauses += [_pattern(owner, collection, terms) for owner, collection in narrower if "*" in owner + collection]
    return any_of(clauses)


def _listed(ids: Sequence[str], terms: Terms, numbered: Numbered | None) -> Iterable[Query]:
    if numbered and terms.number and len(ids) > MANY:
        return [{"terms": {terms.number: sorted(map(numbered, some))}} for some in batched(ids, MOST, strict=False)]
    return [{"terms": {terms.collection: list(some)}} for some in batched(ids, MOST, strict=False)]


def _of_the_catalog(patterns: Iterable[ResourcePattern]) -> Iterable[tuple[str, ...]]:
    return (pattern.tokens for pattern in patterns if pattern.tokens[0] == "catalog")


def _pattern(owner: str, collection: str, terms: Terms) -> Query:
    if owner == "*":  # names hold neither * nor ?, so the only wildcards are those of the pattern
        return {"wildcard": {terms.collection: {"value": f"*:{collection}"}}}
    return {"prefix": {terms.collection: {"value": f"{owner}:{collection.removesuffix('*')}"}}}
