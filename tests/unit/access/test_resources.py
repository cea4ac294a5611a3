"""Resource patterns: what they mean, and which mean more than others, against a model by enumeration."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rs_server.access.resources import ResourcePattern
from rs_server.errors import InvalidRequest

LETTERS = "ab"
NAMES = ["".join(letters) for length in (1, 2, 3) for letters in product(LETTERS, repeat=length)]
UNIVERSE = [("catalog", owner, name) for owner in LETTERS for name in NAMES] + [
    (service, station) for service in ("cadip", "lta") for station in LETTERS
]
PATTERNS = st.one_of(
    st.builds(
        lambda owner, name: ResourcePattern.parse(f"catalog:{owner}:{name}"),
        st.sampled_from([*LETTERS, "*"]),
        # No prefix as long as the longest name, for among the enumerated ones it would mean that name only.
        st.sampled_from([*NAMES, "*", *(f"{name}*" for name in NAMES if len(name) < 3)]),
    ),
    st.builds(
        lambda service, station: ResourcePattern.parse(f"{service}:{station}"),
        st.sampled_from(["cadip", "lta"]),
        st.sampled_from([*LETTERS, "*"]),
    ),
)


def meant(pattern: ResourcePattern) -> set[tuple[str, ...]]:
    """What a pattern means, read off its text with no help from the code."""
    found = set()
    for resource in UNIVERSE:
        parts = str(pattern).split(":")
        same = len(parts) == len(resource)
        for part, token in zip(parts, resource, strict=False):
            prefix, star, _ = part.partition("*")
            same = same and (token[: len(prefix)] == prefix if star else part == token)
        if same:
            found.add(resource)
    return found


@given(PATTERNS)
def test_a_pattern_covers_what_it_means(pattern):
    assert {resource for resource in UNIVERSE if pattern.covers(resource)} == meant(pattern)


@given(PATTERNS, PATTERNS)
def test_a_pattern_includes_another_when_it_means_all_that_it_means(wide, narrow):
    assert wide.includes(narrow) == (meant(narrow) <= meant(wide))


@given(PATTERNS, PATTERNS)
def test_patterns_overlap_when_they_share_a_resource(one, other):
    assert one.overlaps(other) == bool(meant(one) & meant(other))
    assert one.overlaps(other) == other.overlaps(one)


@given(PATTERNS)
def test_an_exact_pattern_means_one_resource(pattern):
    assert pattern.exact == ("*" not in str(pattern))


@given(st.text(max_size=300))
def test_any_text_is_a_pattern_or_refused(text):
    try:
        pattern = ResourcePattern.parse(text)
    except InvalidRequest:
        return
    assert str(pattern) == text
    assert text.isascii()


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "catalog", "catalog:*", "catalog:a:b:c", "catalog:a:", "catalog::b", "catalog:A:b", "catalog:a:b/c"),
        *("catalog:a:..", "catalog:a:b**", "catalog:a*:b", "catalog:a:*b", "cadip:m*", "cadip:", "edrs:x", "process:x"),
        *("catalog:a:b\n", "catalog:a:b\x00", "catalog:\uff41:b", f"catalog:a:{'b' * 128}", f"catalog:{'a' * 64}:b"),
    ],
)
def test_text_that_is_no_resource_is_refused(text):
    with pytest.raises(InvalidRequest, match="write 'catalog:OWNER:COLLECTION'"):
        ResourcePattern.parse(text)
