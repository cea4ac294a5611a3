"""The items that benchmarks load."""

from __future__ import annotations

import json

import pystac

from bench.sentinel import items

NAMES = ["s0", "s1", "s2"]


def test_items_are_valid_and_as_large_as_real_ones():
    made = list(items(30, NAMES))
    for item in made:
        pystac.Item.from_dict(item, preserve_dict=True)
        assert 2_000 < len(json.dumps(item)) < 4_000


def test_items_are_the_same_each_time_and_each_has_its_own_id_and_moment():
    made = list(items(200, NAMES))
    assert made == list(items(200, NAMES))
    assert len({item["id"] for item in made}) == len({item["properties"]["datetime"] for item in made}) == 200


def test_collections_take_turns():
    assert [item["collection"] for item in items(4, NAMES)] == ["s0", "s1", "s2", "s0"]
