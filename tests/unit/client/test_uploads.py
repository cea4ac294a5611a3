"""Uploads: in one request or in parts, taken up again where a connection breaks, and published when all is there."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import httpx
import pytest

from rs_client import Refused, RsClientError, ServiceFailed, Unreachable
from rs_client.uploads import Uploads

PLACE = "/catalog/collections/s1/items/A/upload/a.tif"
BUCKET = "https://bucket.example/alice/s1/A/a.tif"
PART = 100_000
HREF = "s3://bucket/alice/s1/A/a.tif"


class Storage:
    """A bucket that takes an object, whole or in parts."""

    def __init__(self, server: Any) -> None:
        self.parts: dict[int, bytes] = {}
        self.content: bytes | None = None
        self.aborted = False
        self.failing: list[httpx.Response | Exception] = []
        self.asked: list[dict[str, Any]] = []
        server.on("POST", PLACE, self.plan)
        server.on("PUT", BUCKET, self.put)
        server.on("POST", BUCKET, self.complete)
        server.on("DELETE", BUCKET, self.abort)

    def plan(self, request: httpx.Request) -> httpx.Response:
        wanted = json.loads(request.content)
        self.asked.append(wanted)
        size = wanted["size"]
        if "parts" not in wanted:
            headers = {"content-type": wanted["content_type"], "content-length": str(size)}
            return httpx.Response(200, json={"href": HREF, "method": "PUT", "url": f"{BUCKET}?p=0", "headers": headers})
        length = -(-size // wanted["parts"])
        count = range(1, wanted["parts"] + 1)
        parts = [{"part_number": number, "method": "PUT", "url": f"{BUCKET}?p={number}"} for number in count]
        complete = {"method": "POST", "url": BUCKET, "headers": {"content-type": "application/xml"}}
        abort = {"method": "DELETE", "url": BUCKET}
        plan = {"href": HREF, "part_size": length, "parts": parts, "complete": complete, "abort": abort}
        return httpx.Response(200, json=plan)

    def put(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        assert "transfer-encoding" not in request.headers, "S3 takes no chunked body"
        assert "authorization" not in request.headers
        assert int(request.headers["content-length"]) == len(content)
        if self.failing:
            failure = self.failing.pop()
            if isinstance(failure, Exception):
                raise failure
            return failure
        number = int(request.url.params["p"])
        self.parts[number] = content
        if number == 0:
            self.content = content
        return httpx.Response(200, headers={"etag": f'"{number}"'})

    def complete(self, request: httpx.Request) -> httpx.Response:
        listed = re.findall(r"<PartNumber>(\d+)</PartNumber><ETag>([^<]+)</ETag>", request.content.decode())
        assert listed == [(str(number), f'"{number}"') for number in sorted(self.parts)]
        self.content = b"".join(self.parts[number] for number in sorted(self.parts))
        return httpx.Response(200, text="<CompleteMultipartUploadResult/>")

    def abort(self, _: httpx.Request) -> httpx.Response:
        self.aborted = True
        return httpx.Response(204)


@pytest.fixture
def client(client):
    client.uploads = Uploads(client.api, PART)
    return client


@pytest.fixture
def storage(server):
    return Storage(server)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(bytes(range(256)) * 300)
    return path


@pytest.fixture
def large(tmp_path):
    """A file of three parts, the last one short."""
    path = tmp_path / "large.tif"
    with path.open("wb") as stream:
        stream.write(b"first")
        stream.truncate(2 * PART + 7)
        stream.seek(2 * PART)
        stream.write(b"thelast")
    return path


def test_a_file_is_sent_whole_and_described(client, storage, file):
    sent = []
    asset = client.uploads.send("s1", "A", "a.tif", file, sent=sent.append)
    content = file.read_bytes()
    assert storage.content == content
    assert storage.asked == [{"size": len(content), "content_type": "image/tiff"}]
    checksum = "1220" + hashlib.sha256(content).hexdigest()
    assert asset == {"href": HREF, "type": "image/tiff", "file:size": len(content), "file:checksum": checksum}
    assert sum(sent) == len(content)


def test_an_empty_file_is_an_asset_too(client, storage, tmp_path):
    (tmp_path / "empty.raw").touch()
    assert client.uploads.send("s1", "A", "a.tif", tmp_path / "empty.raw")["file:size"] == 0
    assert storage.content == b""


def test_a_large_file_is_sent_in_parts(client, storage, large):
    sent = []
    client.uploads.send("s1", "A", "a.tif", large, sent=sent.append)
    assert storage.asked[0]["parts"] == 3
    assert storage.content is not None
    assert hashlib.sha256(storage.content).digest() == hashlib.sha256(large.read_bytes()).digest()
    assert sum(sent) == 2 * PART + 7


@pytest.mark.parametrize("failure", [httpx.WriteError("broken"), httpx.Response(503, text="slow down")])
def test_what_breaks_is_sent_again(client, storage, file, failure):
    storage.failing = [failure] * 3
    sent = []
    client.uploads.send("s1", "A", "a.tif", file, sent=sent.append)
    assert storage.content == file.read_bytes()
    assert sum(sent) == file.stat().st_size


def test_a_storage_that_goes_on_failing_is_given_up_and_the_upload_dropped(client, storage, large):
    storage.failing = [httpx.WriteError("broken")] * 1000
    with pytest.raises(Unreachable):
        client.uploads.send("s1", "A", "a.tif", large, threads=1)
    assert storage.aborted
    assert storage.content is None


def test_what_the_storage_says_is_told(client, storage, file):
    body = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'
    storage.failing = [httpx.Response(403, text=body)]
    with pytest.raises(Refused, match=r"^Request has expired$"):
        client.uploads.send("s1", "A", "a.tif", file)


def test_parts_that_cannot_be_put_together_are_told(client, storage, server, large):
    server.on("POST", BUCKET, lambda _: httpx.Response(200, text="<Error><Code>InternalError</Code></Error>"))
    with pytest.raises(ServiceFailed):
        client.uploads.send("s1", "A", "a.tif", large)
    assert storage.aborted


def published(server):
    """What was written into the catalog."""
    writes = [request for request in server.requests if request.method in {"POST", "PATCH"}]
    return [json.loads(request.content) for request in writes if request.url.path.endswith(("/items", "/items/A"))]


@pytest.fixture
def items(server, storage):
    """The catalog's items of collection s1."""

    def answer(request):
        return httpx.Response(201, json={"collection": "alice:s1", "id": "A"} | json.loads(request.content))

    server.on("POST", "/catalog/collections/s1/items", answer)
    server.on("PATCH", "/catalog/collections/s1/items/A", answer)


EXISTING = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "A",
    "geometry": None,
    "properties": {"datetime": "2024-11-14T00:00:00Z"},
    "links": [],
    "assets": {"b.tif": {"href": "s3://bucket/b"}},
}


def test_rs_upload_makes_an_item(rs, server, storage, items, file):
    result = rs("upload", "s1", str(file), "--id", "A", "--datetime", "2024-11-14T12:00:00Z", "--bbox", "10,45,12,46")
    assert result.exit_code == 0, result.output
    assert result.stdout == "a.tif  76.8 kB uploaded\n"
    assert result.stderr == "Item A is in alice:s1.\n"
    [item] = published(server)
    assert item["properties"]["datetime"] == "2024-11-14T12:00:00Z"
    assert item["bbox"] == [10, 45, 12, 46]
    assert item["geometry"]["coordinates"][0][2] == [12, 46]
    assert item["assets"]["a.tif"]["href"] == HREF


def test_rs_upload_adds_to_an_item_that_is_there(rs, server, storage, items, file):
    server.on("GET", "/catalog/collections/s1/items/A", EXISTING)
    assert rs("upload", "s1", str(file), "--id", "A").exit_code == 0
    [patch] = published(server)
    assert list(patch) == ["assets"]
    assert list(patch["assets"]) == ["a.tif"]


def test_rs_upload_replaces_an_asset_only_if_told(rs, server, storage, items, file):
    server.on("GET", "/catalog/collections/s1/items/A", EXISTING | {"assets": {"a.tif": {"href": HREF}}})
    refused = rs("upload", "s1", str(file), "--id", "A")
    assert refused.exit_code == 2
    assert "--replace" in refused.stderr
    assert storage.content is None
    assert rs("upload", "s1", str(file), "--id", "A", "--replace").exit_code == 0
    assert storage.content is not None


def test_rs_upload_takes_a_stac_item_with_its_files(rs, server, storage, items, file):
    links = {"a.tif": {"href": "./a.tif", "roles": ["data"]}, "doc": {"href": "https://example.org/doc"}}
    document = file.with_name("item.json")
    document.write_text(json.dumps(EXISTING | {"assets": links}))
    result = rs("upload", "s1", "--item", str(document), "--json")
    assert result.exit_code == 0, result.output
    [item] = published(server)
    assert item["assets"]["a.tif"] | {"roles": ["data"], "href": HREF} == item["assets"]["a.tif"]
    assert item["assets"]["doc"] == {"href": "https://example.org/doc"}
    assert json.loads(result.stdout)["id"] == "A"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--id"),
        (("--id", "A"), "Give files"),
        (("--id", "A", "FILE"), "needs a time"),
        (("--id", "A", "FILE", "FILE"), "same name"),
        (("--id", "A", "nothing.tif"), "does not exist"),
        (("--id", "A", "FILE", "--bbox", "1,2,3"), "WEST,SOUTH,EAST,NORTH"),
        (("--item", "FILE"), "no STAC item"),
    ],
)
def test_rs_upload_says_what_is_missing(rs, server, items, file, arguments, told):
    result = rs("upload", "s1", *(str(file) if argument == "FILE" else argument for argument in arguments))
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert published(server) == []


def test_a_file_that_shrinks_under_way_is_told(client, server, storage, file):
    def plan_and_shrink(request):
        answer = storage.plan(request)
        file.write_bytes(b"x" * 10)
        return answer

    server.on("POST", PLACE, plan_and_shrink)
    with pytest.raises(RsClientError, match="became shorter"):
        client.uploads.send("s1", "A", "a.tif", file)
