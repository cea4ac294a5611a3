"""Presigned addresses: Signature Version 4, a name for the file, an end."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from rs_server.storage.presigning import Presigner
from tests import aws


@pytest.fixture
def presigner() -> Presigner:
    return Presigner(aws.client("s3", "eu-central-1"), "rs-bucket", 600)


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("data.raw", 'attachment; filename="data.raw"'),
        ('a"b\\c\r\nd.raw', "attachment; filename=\"a_b_c__d.raw\"; filename*=UTF-8''a%22b%5Cc%0D%0Ad.raw"),
        ("été.raw", "attachment; filename=\"_t_.raw\"; filename*=UTF-8''%C3%A9t%C3%A9.raw"),
    ],
)
async def test_address(presigner: Presigner, name: str, disposition: str) -> None:
    address = urlsplit(await presigner.download("alice/s1/one/a b.raw", name))
    query = parse_qs(address.query)
    assert address.path == "/alice/s1/one/a%20b.raw"
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["600"]
    assert query["response-content-disposition"] == [disposition]
