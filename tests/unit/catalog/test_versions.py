"""If-Match (RFC 9110, 13.1.1): strong comparison, lists, `*`."""

from __future__ import annotations

import pytest

from rs_server.catalog.engine.client import Document, Version
from rs_server.catalog.versions import check_if_match, overtaken
from rs_server.errors import Conflict, PreconditionFailed

CURRENT = Document({"id": "one", "properties": {"updated": "2024-01-01T00:00:00.000Z"}}, Version(sequence=7, term=1))
TAG = CURRENT.etag.strip('"')


@pytest.mark.parametrize(
    "header",
    [None, "*", " * ", f'"{TAG}"', f'"0", "{TAG}"', f'W/"x","{TAG}"', f'"{TAG}-br"', f'"{TAG}-gzip"'],
)
def test_allowed(header: str | None) -> None:
    check_if_match(header, CURRENT)


@pytest.mark.parametrize("header", ["", '"1-7"', f'W/"{TAG}"', TAG, f'"{TAG[1:]}"', f'"{TAG}', '"*"', f'"x{TAG}"'])
def test_refused(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        check_if_match(header, CURRENT)


def test_a_tag_is_of_the_content_and_tells_nothing_of_the_engines_count_of_writes() -> None:
    assert len(TAG) == 32
    later = Document(CURRENT.source, Version(sequence=900, term=2))
    assert later.etag == CURRENT.etag
    changed = Document({"id": "one", "properties": {"updated": "2024-01-01T00:00:00.001Z"}}, CURRENT.version)
    assert changed.etag != CURRENT.etag


def test_a_tag_does_not_depend_on_the_order_of_members() -> None:
    turned = {name: CURRENT.source[name] for name in reversed(CURRENT.source)}
    assert Document(turned, CURRENT.version).etag == CURRENT.etag


def test_who_named_no_version_is_not_told_that_it_was_another() -> None:
    assert isinstance(overtaken(None), Conflict)
    assert isinstance(overtaken(f'"{TAG}"'), PreconditionFailed)
