"""Public ids: which there are, and that no two of them meet in one document or object."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rs_server.errors import InvalidRequest
from rs_server.stac.ids import (
    RESERVED_OWNERS,
    CollectionId,
    check_asset_name,
    check_item_id,
    document_id,
    item_id_of,
    object_key,
    parse_collection_id,
)

OWNERS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,6}", fullmatch=True).filter(lambda name: name not in RESERVED_OWNERS)
COLLECTIONS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,6}", fullmatch=True)
NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="/|"), min_size=1, max_size=8)
ITEMS = st.tuples(st.builds(CollectionId, OWNERS, COLLECTIONS), NAMES)


@pytest.mark.parametrize(
    ("text", "default_owner", "expected"),
    [
        ("alice:s1-l0", None, CollectionId("alice", "s1-l0")),
        ("alice:s1-l0", "bob", CollectionId("alice", "s1-l0")),
        ("s1-l0", "bob", CollectionId("bob", "s1-l0")),
        ("a:" + "c" * 127, None, CollectionId("a", "c" * 127)),
        ("o" * 63 + ":S1.L0_x", None, CollectionId("o" * 63, "S1.L0_x")),
    ],
)
def test_a_collection_id_names_owner_and_collection(text, default_owner, expected):
    assert parse_collection_id(text, default_owner=default_owner) == expected
    assert parse_collection_id(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            ":",
            "alice:",
            ":s1",
            "s1",
            "alice:s1:l0",
            "Alice:s1",
            "alice :s1",
            "alice:s1/l0",
            "alice:..",
            "alice:.s1",
        ),
        *(
            "alice:.s1",
            "../alice:s1",
            "alice:s1\n",
            "alice\n:s1",
            "alice:s1\x00",
            "alice:s\u0661",
            "alice:" + "c" * 128,
        ),
        *("o" * 64 + ":s1", "public:s1", "cadip:mti", "catalog:s1", "alice:*", "*:s1", "alice:s1*", "_alice:s1"),
    ],
)
def test_text_that_is_no_collection_id_is_refused(text):
    with pytest.raises(InvalidRequest, match=r"^Collection "):
        parse_collection_id(text)


@pytest.mark.parametrize("check", [check_item_id, check_asset_name])
@pytest.mark.parametrize(
    "text", ["", ".", "..", "a/b", "a|b", "a\nb", "\x7f", "x" * 256, "é" * 128, "\ud800", "../../bob/s1/x"]
)
def test_text_that_is_no_name_is_refused(check, text):
    with pytest.raises(InvalidRequest):
        check(text)


@pytest.mark.parametrize("text", ["S1A_20241114143038056552", "a b", "...", "é" * 127, "x" * 255, "50%", "a:b", "a\\b"])
def test_other_text_is_a_name(text):
    assert check_item_id(text) == check_asset_name(text) == text


@pytest.mark.parametrize(
    ("name", "item_id"),
    [
        ("S1A_IW_RAW__0SDV_20241114T.SAFE.zip", "S1A_IW_RAW__0SDV_20241114T"),
        ("S1A_OPER_AUX_RESORB_OPOD_20241114T.EOF", "S1A_OPER_AUX_RESORB_OPOD_20241114T"),
        ("S3A_OL_1_EFR____20241114T.SEN3", "S3A_OL_1_EFR____20241114T"),
        ("S2__OPER_AUX_ECMWFD_PDMC_20241114T.TGZ", "S2__OPER_AUX_ECMWFD_PDMC_20241114T"),
        ("S1A_20241114143038056552", "S1A_20241114143038056552"),
        (".SAFE", ".SAFE"),
        ("a.SAFE.SAFE", "a.SAFE"),
        ("a.safe", "a.safe"),
    ],
)
def test_an_item_is_named_after_its_product_without_the_container(name, item_id):
    assert item_id_of(name) == item_id


@given(ITEMS, ITEMS)
def test_two_items_never_share_a_document(one, other):
    assert (document_id(*one) == document_id(*other)) == (one == other)


@given(st.tuples(ITEMS, NAMES), st.tuples(ITEMS, NAMES))
def test_two_assets_never_share_an_object(one, other):
    keys = [object_key(*item, asset) for item, asset in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)


def test_the_longest_names_fit_engine_and_storage():
    collection = CollectionId("o" * 63, "c" * 127)
    longest = check_item_id("é" * 127)
    assert len(document_id(collection, longest).encode()) <= 512
    assert len(object_key(collection, longest, check_asset_name("a" * 255)).encode()) <= 1024
