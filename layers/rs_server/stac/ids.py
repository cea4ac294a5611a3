"""Identifiers: what a public id may look like, and the one way each becomes a document id or an object key.

Rules of the catalog's URLs: a collection is `owner:collection`; without `owner:` the caller's own is meant. No two
different public ids share a document id or an object key, since neither `:` nor `/` nor `|` occurs in any part.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rs_server.errors import InvalidRequest

OWNER = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
COLLECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,126}")
ITEM = re.compile(r"[^/|\x00-\x1f\x7f\ud800-\udfff]{1,255}")
MAX_ITEM_BYTES = 255
"""With it a document id stays under the 512 bytes that search engines take, and an object key under S3's 1024."""

RESERVED_OWNERS = frozenset(
    {"access", "anonymous", "auxip", "cadip", "catalog", "conformance", "docs", "health", "jobs", "lta", "orders"}
    | {"prip", "processes", "public", "ready", "authenticated", "search", "staging", "subscriptions"}
    | {"admin-tools", "portal"}
)
"""Names that services, routes or subjects use, and that therefore no user may have."""

CONTAINER_SUFFIXES = (
    ".SAFE.zip",
    ".SEN3.zip",
    ".EOF.zip",
    ".kml.zip",
    ".SAFE",
    ".SEN3",
    ".EOF",
    ".TGZ",
    ".tgz",
    ".tar",
    ".zip",
    ".nc",
    ".xml",
    ".txt",
    ".RAW",
    ".raw",
)
"""Suffixes that say how a product is packed, longest first; an item id is the product's Name without its suffix."""


class CollectionId(NamedTuple):
    """The public id of a catalog collection: `owner:collection`."""

    owner: str
    collection: str

    def __str__(self) -> str:
        return f"{self.owner}:{self.collection}"


def parse_collection_id(text: str, *, default_owner: str | None = None) -> CollectionId:
    """Read `owner:collection`, or `collection` of `default_owner`; raises InvalidRequest saying which part is wrong."""
    owner, colon, collection = text.partition(":")
    if not colon:
        if default_owner is None:
            raise InvalidRequest(f"Collection {text!r}: write it with its owner, as 'owner:collection'.")
        owner, collection = default_owner, text
    if not OWNER.fullmatch(owner) or owner in RESERVED_OWNERS:
        raise InvalidRequest(
            f"Collection {text!r}: {owner!r} is no owner's name (lower-case letters, digits, _ and -)."
        )
    if not COLLECTION.fullmatch(collection):
        raise InvalidRequest(
            f"Collection {text!r}: {collection!r} is no collection name (letters, digits, '.', '_' and '-', up to 127)."
        )
    return CollectionId(owner, collection)


def check_item_id(text: str) -> str:
    """Return `text` if it can be an item id; raises InvalidRequest otherwise."""
    return _checked("Item id", text)


@lru_cache(maxsize=4096)
def check_asset_name(text: str) -> str:
    """Return `text` if it can be an asset key; raises InvalidRequest otherwise. Items share them."""
    return _checked("Asset name", text)


def _checked(kind: str, text: str) -> str:
    if not ITEM.fullmatch(text) or text in {".", ".."} or len(text.encode()) > MAX_ITEM_BYTES:
        raise InvalidRequest(
            f"{kind} {text[:MAX_ITEM_BYTES]!r}: it must have 1 to 255 bytes as UTF-8, and no '/', '|' or control "
            "character."
        )
    return text


def item_id_of(product_name: str) -> str:
    """Item id of a product: its Name without the container suffix."""
    for suffix in CONTAINER_SUFFIXES:
        if product_name.endswith(suffix) and len(product_name) > len(suffix):
            return product_name[: -len(suffix)]
    return product_name


def document_id(collection: CollectionId, item_id: str) -> str:
    """Id of an item's document in the search engine, unique over all collections of a shared index."""
    return f"{collection}|{item_id}"


def object_key(collection: CollectionId, item_id: str, asset_name: str) -> str:
    """Key of a staged asset in the bucket."""
    return f"{collection.owner}/{collection.collection}/{item_id}/{asset_name}"
