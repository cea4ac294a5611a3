"""Downloads: redirected without the key, resumed, verified, and never left half done under the real name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import httpx
import pytest
from pystac import Asset

from rs_client import Damaged, Refused, ServiceFailed, Unreachable

LINK = "https://rs.example.org/v1/catalog/collections/alice:s1/items/A/download/a.raw"
OBJECT = "https://bucket.example/alice/s1/A/a.raw"
DATA = bytes(range(256)) * 40


def asset(**members: object) -> Asset:
    return Asset(LINK, extra_fields={"file:size": len(DATA), **members})


@pytest.fixture(autouse=True)
def storage(server):
    """The API redirects to a bucket that knows ranges."""
    server.on("GET", LINK, lambda _: httpx.Response(302, headers={"location": f"{OBJECT}?X-Amz-Signature=s"}))
    server.on("GET", OBJECT, ranged)


def ranged(request: httpx.Request) -> httpx.Response:
    start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
    if "range" not in request.headers:
        return httpx.Response(200, content=DATA)
    return httpx.Response(
        206, content=DATA[start:], headers={"content-range": f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"}
    )


class Breaking(httpx.SyncByteStream):
    """A body whose connection breaks at its end."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self.content
        raise httpx.ReadError("broken")


def breaking_after(count: int):
    def answer(request: httpx.Request) -> httpx.Response:
        whole = ranged(request)
        return httpx.Response(whole.status_code, headers=whole.headers, stream=Breaking(whole.content[:count]))

    return answer


def test_a_file_is_downloaded_and_verified(client, tmp_path):
    seen: list[int] = []
    checksum = "1220" + hashlib.sha256(DATA).hexdigest()
    done = client.downloads.fetch(asset(**{"file:checksum": checksum}), "a.raw", tmp_path / "new", seen.append)
    assert (done.path, done.size, done.checked) == (tmp_path / "new" / "a.raw", len(DATA), ("size", "sha256"))
    assert done.path.read_bytes() == DATA
    assert seen[-1] == len(DATA)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["a.raw"]


def test_the_storage_never_sees_the_key(server, client, tmp_path):
    client.downloads.fetch(asset(), "a.raw", tmp_path)
    api, storage = server.requests
    assert api.headers["authorization"]
    assert "authorization" not in storage.headers


def test_an_interrupted_download_goes_on(server, client, tmp_path):
    (tmp_path / "a.raw.part").write_bytes(DATA[:1000])
    client.downloads.fetch(asset(), "a.raw", tmp_path)
    assert server.requests[-1].headers["range"] == "bytes=1000-"
    assert (tmp_path / "a.raw").read_bytes() == DATA


def test_a_connection_that_breaks_is_taken_up_again(server, client, tmp_path):
    server.on("GET", OBJECT, breaking_after(3000))
    client.downloads.fetch(asset(), "a.raw", tmp_path)
    assert (tmp_path / "a.raw").read_bytes() == DATA


def test_a_connection_that_brings_nothing_is_given_up_and_what_came_is_kept(server, client, tmp_path):
    (tmp_path / "a.raw.part").write_bytes(DATA[:1000])
    server.on("GET", OBJECT, breaking_after(0))
    with pytest.raises(Unreachable) as raised:
        client.downloads.fetch(asset(), "a.raw", tmp_path)
    assert "goes on where it stopped" in raised.value.hint
    assert (tmp_path / "a.raw.part").read_bytes() == DATA[:1000]
    assert not (tmp_path / "a.raw").exists()


def test_a_storage_without_ranges_starts_over(server, client, tmp_path):
    (tmp_path / "a.raw.part").write_bytes(b"x" * 1000)
    server.on("GET", OBJECT, lambda _: httpx.Response(200, content=DATA))
    client.downloads.fetch(asset(), "a.raw", tmp_path)
    assert (tmp_path / "a.raw").read_bytes() == DATA


def test_other_bytes_than_asked_for_are_refused(server, client, tmp_path):
    (tmp_path / "a.raw.part").write_bytes(DATA[:1000])
    wrong = httpx.Response(206, content=DATA[5:], headers={"content-range": "bytes 5-99/100"})
    server.on("GET", OBJECT, lambda _: wrong)
    with pytest.raises(ServiceFailed):
        client.downloads.fetch(asset(), "a.raw", tmp_path)


@pytest.mark.parametrize("left", [DATA + b"more", b""])
def test_what_cannot_belong_to_the_asset_is_not_gone_on_with(client, tmp_path, left):
    (tmp_path / "a.raw.part").write_bytes(left)
    client.downloads.fetch(asset(), "a.raw", tmp_path)
    assert (tmp_path / "a.raw").read_bytes() == DATA


@pytest.mark.parametrize(
    "members",
    [
        {"file:size": len(DATA) + 1},
        {"file:size": len(DATA) - 1},
        {"file:checksum": "1220" + "0" * 64},
        {"file:checksum": "d50110" + "0" * 32},
    ],
)
def test_a_damaged_file_is_thrown_away(client, tmp_path, members):
    with pytest.raises(Damaged):
        client.downloads.fetch(asset(**members), "a.raw", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_stale_part_whose_rest_does_not_fit_is_found_out(client, tmp_path):
    (tmp_path / "a.raw.part").write_bytes(b"x" * 1000)
    checksum = "1220" + hashlib.sha256(DATA).hexdigest()
    with pytest.raises(Damaged):
        client.downloads.fetch(asset(**{"file:checksum": checksum}), "a.raw", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_verified_and_left_alone(server, client, tmp_path):
    (tmp_path / "a.raw").write_bytes(DATA)
    assert client.downloads.fetch(asset(), "a.raw", tmp_path).checked == ("size",)
    assert server.requests == []


def test_a_file_that_is_there_but_wrong_is_replaced(client, tmp_path):
    (tmp_path / "a.raw").write_bytes(b"x" * len(DATA))
    client.downloads.fetch(asset(**{"file:checksum": "1114" + hashlib.sha1(DATA).hexdigest()}), "a.raw", tmp_path)
    assert (tmp_path / "a.raw").read_bytes() == DATA


def test_an_asset_without_size_is_downloaded_whole(client, tmp_path):
    (tmp_path / "a.raw.part").write_bytes(b"x" * 10)
    done = client.downloads.fetch(Asset(LINK), "a.raw", tmp_path)
    assert done.checked == ()
    assert done.path.read_bytes() == DATA


def test_an_empty_asset_is_an_empty_file(server, client, tmp_path):
    server.on("GET", OBJECT, lambda _: httpx.Response(200, content=b""))
    assert client.downloads.fetch(asset(**{"file:size": 0}), "a.raw", tmp_path).size == 0


@pytest.mark.parametrize("name", ["../a.raw", "/etc/passwd", "..", "", "a\\b", "a/b"])
def test_a_name_never_leaves_the_folder(client, tmp_path, name):
    with pytest.raises(Damaged):
        client.downloads.fetch(asset(), name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_asset_at_a_station_is_to_be_staged_first(server, client, tmp_path):
    server.on("GET", "https://station.example/Files(1)/$value", {"error": "no"}, status=403)
    with pytest.raises(Refused) as raised:
        client.downloads.fetch(Asset("https://station.example/Files(1)/$value"), "a.raw", tmp_path)
    assert "stage it" in raised.value.hint


def test_a_missing_right_to_download_is_told(server, client, tmp_path):
    server.on("GET", LINK, {"description": "You have no right to download catalog:alice:s1."}, status=403)
    with pytest.raises(Refused, match="no right to download"):
        client.downloads.fetch(asset(), "a.raw", tmp_path)
