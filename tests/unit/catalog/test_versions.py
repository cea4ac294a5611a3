"""If-Match (RFC 9110, 13.1.1): strong comparison, lists, `*`."""

from __future__ import annotations

import pytest

from rs_server.catalog.engine.client import Version
from rs_server.catalog.versions import check_if_match
from rs_server.errors import PreconditionFailed

CURRENT = Version(sequence=7, term=1)


@pytest.mark.parametrize("header", [None, "*", " * ", '"1-7"', '"0-1", "1-7"', 'W/"x","1-7"', '"1-7-br"', '"1-7-gzip"'])
def test_allowed(header: str | None) -> None:
    check_if_match(header, CURRENT)


@pytest.mark.parametrize("header", ["", '"1-8"', 'W/"1-7"', "1-7", '"7-1"', '"1-7', '"*"', '"x1-7"'])
def test_refused(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        check_if_match(header, CURRENT)


def test_etag_is_a_quoted_strong_tag() -> None:
    assert CURRENT.etag == '"1-7"'
