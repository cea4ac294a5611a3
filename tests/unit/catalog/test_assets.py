"""Which objects an item may point at."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rs_server.catalog.assets import check_objects, collection_prefix, item_prefix, key_of
from rs_server.errors import InvalidRequest
from rs_server.stac.ids import CollectionId, document_id

COLLECTION = CollectionId("alice", "s1")


class Objects:
    bucket = "rs-bucket"

    def __init__(self, *keys: str) -> None:
        self.keys = keys
        self.asked: list[str] = []

    async def sizes(self, prefix: str) -> dict[str, int]:
        self.asked.append(prefix)
        return {key: 1 for key in self.keys if key.startswith(prefix)}

    async def delete_prefix(self, prefix: str) -> None:
        raise AssertionError(prefix)


def assets(**hrefs: str) -> Mapping[str, Mapping[str, str]]:
    return {name: {"href": href} for name, href in hrefs.items()}


async def test_objects_in_place_are_looked_up_at_once() -> None:
    objects = Objects("alice/s1/one/a", "alice/s1/one/b")
    own = assets(a="s3://rs-bucket/alice/s1/one/a", b="s3://rs-bucket/alice/s1/one/b")
    await check_objects(objects, COLLECTION, "one", own)
    assert objects.asked == ["alice/s1/one/"]


async def test_links_to_elsewhere_are_not_looked_up() -> None:
    objects = Objects()
    await check_objects(objects, COLLECTION, "one", assets(a="https://x.test/a", b="./b", c="ftp://x.test/c"))
    assert objects.asked == []


@pytest.mark.parametrize(
    "href",
    [
        "s3://rs-bucket/alice/s1/one/absent",
        "s3://rs-bucket/alice/s1/one/",
        "s3://rs-bucket/alice/s1/one-more/a",
        "s3://rs-bucket/alice/s1-l0/one/a",
        "s3://rs-bucket/bob/s1/one/a",
        "s3://rs-bucket-2/alice/s1/one/a",
        "S3://rs-bucket/alice/s1/one/a",
        "s3:/rs-bucket/bob/s1/one/a",
        "\ts3://rs-bucket/bob/s1/one/a",
    ],
)
async def test_anything_else_in_s3_is_refused_by_name(href: str) -> None:
    with pytest.raises(InvalidRequest, match="'raw data'"):
        await check_objects(Objects("alice/s1/one/a"), COLLECTION, "one", {"raw data": {"href": href}})


def test_keys_are_of_the_bucket() -> None:
    assert key_of("s3://rs-bucket/a/b", "rs-bucket") == "a/b"
    assert key_of("s3://rs-bucket2/a/b", "rs-bucket") is None
    assert key_of("https://rs-bucket/a/b", "rs-bucket") is None


owners = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)
collections = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)
items = st.text(st.characters(exclude_characters="/|", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
places = st.tuples(st.builds(CollectionId, owners, collections), items)


@given(places, places)
def test_different_items_share_no_document_and_no_place(
    one: tuple[CollectionId, str], other: tuple[CollectionId, str]
) -> None:
    if one == other:
        return
    assert document_id(*one) != document_id(*other)
    assert not item_prefix(*one).startswith(item_prefix(*other))
    if one[0] != other[0]:
        assert not item_prefix(*one).startswith(collection_prefix(other[0]))
