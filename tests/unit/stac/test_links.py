"""Links as STAC and OGC API Features write them."""

from __future__ import annotations

from rs_server.stac.links import GEOJSON, link


def test_a_link_has_relation_address_and_type():
    assert link("self", "https://a/b") == {"rel": "self", "href": "https://a/b", "type": "application/json"}


def test_title_and_further_members_are_written_when_given():
    body = {"token": "x"}
    assert link("next", "https://a/search", GEOJSON, "Next page", method="POST", body=body) == {
        "rel": "next",
        "href": "https://a/search",
        "type": "application/geo+json",
        "title": "Next page",
        "method": "POST",
        "body": {"token": "x"},
    }
