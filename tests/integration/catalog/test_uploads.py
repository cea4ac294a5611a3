"""Uploads: who may ask for one, and what a client makes of the answer on S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

import httpx
import pytest
import requests
from fastapi import FastAPI
from moto import mock_aws

from rs_server.access.principals import Principal
from rs_server.catalog.app import create_app
from rs_server.catalog.bucket import Bucket
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.storage.presigning import Presigner
from tests import aws
from tests.of_this_test import OfThisTest

from .conftest import BUCKET, FixedGrants, World, as_principal, collection, item, make, s3_asset

UPLOAD = "/collections/alice:s1-l0/items/one/upload/data.raw"
MIB = 1024**2


@pytest.fixture
def s3() -> Iterator[Any]:
    """S3 in memory, which answers `requests`, too."""
    with mock_aws():
        client = aws.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


ENGINE: Any = OfThisTest()


@pytest.fixture(scope="module")
def app(indices: Indices) -> FastAPI:
    s3 = aws.client("s3")
    return create_app(Catalog(ENGINE, indices, Bucket(s3, BUCKET)), FixedGrants(), Presigner(s3, BUCKET, 600))


@pytest.fixture
async def alice(app: FastAPI, engine: Engine, s3: Any) -> httpx.AsyncClient:
    ENGINE.part = engine
    client = as_principal(app, Principal("alice"))
    assert (await client.post("/collections", json=collection("s1-l0"))).status_code == 201
    return client


def send(request: dict[str, Any], content: bytes = b"") -> requests.Response:
    answer = requests.request(
        request["method"], request["url"], headers=request.get("headers", {}), data=content, timeout=60
    )
    assert answer.ok, answer.text
    return answer


async def test_what_was_uploaded_can_be_published(alice: httpx.AsyncClient) -> None:
    plan = (await alice.post(UPLOAD, json={"size": 5, "content_type": "text/plain"})).json()
    new = item("one", assets={"data.raw": {"href": plan["href"]}})
    assert (await alice.post("/collections/s1-l0/items", json=new)).status_code == 400
    send(plan, b"hello")
    made = await alice.post("/collections/s1-l0/items", json=new)
    assert made.status_code == 201, made.text
    address = (await alice.get("/collections/s1-l0/items/one/download/data.raw")).headers["location"]
    fetched = send({"method": "GET", "url": address})
    assert fetched.content == b"hello"
    assert fetched.headers["content-type"] == "text/plain"


async def test_an_object_in_parts_is_there_when_it_is_complete(alice: httpx.AsyncClient, s3: Any) -> None:
    content = b"a" * 5 * MIB + b"b" * 100
    plan = (await alice.post(UPLOAD, json={"size": len(content), "parts": 1})).json()
    assert len(plan["parts"]) == 1
    plan = (await alice.post(UPLOAD, json={"parts": 2})).json()
    tags = [
        (send(part, piece)).headers["etag"]
        for part, piece in zip(plan["parts"], [content[: 5 * MIB], content[5 * MIB :]], strict=True)
    ]
    key = "alice/s1-l0/one/data.raw"
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(tag)}</ETag></Part>"
        for number, tag in enumerate(tags, start=1)
    )
    document = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    send(plan["complete"], document)
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == content


async def test_an_upload_can_be_dropped(alice: httpx.AsyncClient, s3: Any) -> None:
    plan = (await alice.post(UPLOAD, json={"parts": 2})).json()
    send(plan["abort"])
    uploads = s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    assert plan["upload_id"] not in {upload["UploadId"] for upload in uploads}


@pytest.mark.parametrize("body", [{"size": -1}, {"size": "5"}, {"parts": 0}, {"key": "bob/x"}, [], "x"])
async def test_what_cannot_be_uploaded_is_refused(alice: httpx.AsyncClient, body: Any) -> None:
    answer = await alice.post(UPLOAD, json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "InvalidRequest"


@pytest.mark.parametrize("place", ["one/upload/a%2Fb", "one/upload/..%2Fx", "a%2Fb/upload/x", "one/upload/"])
async def test_names_with_a_slash_have_no_route(alice: httpx.AsyncClient, place: str) -> None:
    assert (await alice.post(f"/collections/s1-l0/items/{place}")).status_code in {404, 405}


@pytest.mark.parametrize(
    ("actions", "status"),
    [((), 404), (("read",), 403), (("download",), 403), (("manage",), 403), (("write",), 200)],
)
async def test_an_upload_needs_the_right_to_write(world: World, actions: tuple[str, ...], status: int) -> None:
    await make(world.as_user("alice"), "s1-l0")
    if actions:
        world.grants.give("user:bob", "catalog:alice:s1-l0", *actions)
    answer = await world.as_user("bob").post(UPLOAD)
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["href"] == s3_asset("alice/s1-l0/one/data.raw")["href"]
    assert (await world.anonymous.post(UPLOAD)).status_code == 401


async def test_a_collection_must_be_there(world: World) -> None:
    assert (await world.as_user("alice").post(UPLOAD)).status_code == 404
