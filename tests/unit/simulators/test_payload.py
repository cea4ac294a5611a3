"""Bodies: deterministic, any range of them the same as that part of the whole, and ranges as RFC 9110 has them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.odata.errors import ODataError
from simulators.payload import PERIOD, Body, md5_of, read_range


def whole(body: Body, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(body.chunks(start, stop))


def test_same_seed_same_bytes():
    assert whole(Body(1, 5000)) == whole(Body(1, 5000))
    assert whole(Body(1, 5000)) != whole(Body(2, 5000))
    assert whole(Body(1, 5000))[:100] == whole(Body(1, 100))


@given(st.integers(0, 3 * PERIOD), st.integers(0, 3 * PERIOD))
@settings(max_examples=40, deadline=None)
def test_a_range_is_that_part_of_the_whole(one, other):
    body = Body(5, 3 * PERIOD)
    start, stop = sorted((one, other))
    assert whole(body, start, stop) == whole(body)[start:stop]


def test_parts_of_a_large_body_differ():
    """Parts of 8 MiB: the classical multipart size."""
    parts = {bytes(next(Body(1, 2**40).chunks(number * 8 * 2**20))[:64]) for number in range(2000)}
    assert len(parts) == 2000


def test_digests_at_several_lengths():
    lengths = [1, 1000, PERIOD, PERIOD + 1, 2 * PERIOD + 17]
    assert md5_of(3, lengths) == {length: hashlib.md5(whole(Body(3, length))).hexdigest() for length in lengths}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0", (0, 1)),
        ("bytes=0-1023", (0, 1024)),
        ("bytes=10-", (10, 5000)),
        ("bytes=-10", (4990, 5000)),
        ("bytes=-9999", (0, 5000)),
        ("bytes=4990-99999", (4990, 5000)),
        ("bytes=20-10", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
        ("", None),
    ],
)
def test_ranges(header, expected):
    assert read_range(header, 5000) == expected


@pytest.mark.parametrize("header", ["bytes=5000-", "bytes=5000-6000", "bytes=-0"])
def test_ranges_outside(header):
    with pytest.raises(ODataError) as refused:
        read_range(header, 5000)
    assert (refused.value.status, refused.value.headers) == (416, {"Content-Range": "bytes */5000"})


FILE = "Files(228b97bc-aa04-4036-8450-3106bc7684bb)/$value"


async def test_a_range_over_http(mti):
    everything = await mti.ask(FILE)
    part = await mti.ask(FILE, headers={"Range": "bytes=100-1123"})
    assert (part.status_code, part.content) == (206, everything.content[100:1124])
    assert part.headers["content-range"] == f"bytes 100-1123/{len(everything.content)}"
    assert part.headers["content-length"] == "1024"
    for answer in (everything, part):
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["content-type"] == "application/octet-stream"
        assert "DCS_04_S1A_20241114143038056552_ch2_DSDB_00001.raw" in answer.headers["content-disposition"]


async def test_a_range_outside_over_http(mti):
    answer = await mti.ask(FILE, headers={"Range": "bytes=999999999-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */314776")


@pytest.mark.parametrize(("interface", "profile"), [("auxip", "adgs"), ("prip", "s1a"), ("lta", "acri")])
async def test_size_and_checksum_are_those_of_the_bytes(visit, interface, profile):
    visitor = visit(interface, profile)
    online = [each for each in (await visitor.get("Products", top="60"))["value"] if each.get("Online", True)]
    for product in online[:12]:
        content = (await visitor.ask(f"Products({product['Id']})/$value")).content
        assert len(content) == product["ContentLength"]
        assert hashlib.md5(content).hexdigest() == product["Checksum"][0]["Value"]


async def test_files_differ(mti):
    keys = await mti.names("Files", top="5")
    assert len({(await mti.ask(f"Files({key})/$value", headers={"Range": "bytes=0-99"})).content for key in keys}) == 5
