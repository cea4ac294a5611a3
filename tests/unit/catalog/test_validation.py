"""How deep and how large what is stored may be."""

from __future__ import annotations

from typing import Any

import pytest

from rs_server.catalog.validation import MAX_BYTES, MAX_DEPTH, check_form
from rs_server.errors import InvalidRequest


def nested(depth: int) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for level in range(depth - 1):
        document = {"in": [document]} if level % 2 else {"in": document}
    return document


def test_many_brackets_side_by_side_are_not_deep() -> None:
    check_form({"assets": {str(number): {"roles": [], "href": "[[[{{{"} for number in range(500)}})


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 200, 2_000])
def test_what_is_nested_too_deep_is_refused_as_that(depth: int) -> None:
    with pytest.raises(InvalidRequest, match="nested deeper"):
        check_form(nested(depth))


def test_brackets_in_text_do_not_hide_depth() -> None:
    with pytest.raises(InvalidRequest, match="nested deeper"):
        check_form({"text": "]}" * MAX_DEPTH, "deep": nested(MAX_DEPTH)})


def test_what_is_large_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="larger than"):
        check_form({"text": "x" * MAX_BYTES})
