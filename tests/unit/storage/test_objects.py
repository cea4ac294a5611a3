"""Objects and job documents: written once or over, found, deleted; and what a storage out of reach means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from rs_server.errors import BackendUnavailable, NotFound
from rs_server.storage.objects import ObjectStore, job_document_key
from tests import aws

BUCKET = "objects"


@pytest.fixture(scope="module")
def objects() -> Iterator[ObjectStore]:
    with mock_aws():
        client = aws.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield ObjectStore(client, BUCKET)


async def test_documents_are_read_as_written(objects: ObjectStore) -> None:
    document = {"name": "Ünïcode € \U0001f6f0", "numbers": [1, 2.5, None], "nested": {"a": True}}
    await objects.write_json(job_document_key("j1", "plan.json"), document)
    assert await objects.read_json("jobs/j1/plan.json") == document


async def test_a_document_that_is_not_there(objects: ObjectStore) -> None:
    with pytest.raises(NotFound):
        await objects.read_json("jobs/none/plan.json")
    assert await objects.find("jobs/none/plan.json") is None


async def test_of_several_writers_one_wins(objects: ObjectStore) -> None:
    answers = await asyncio.gather(*(objects.write_json_once("jobs/j2/plan.json", {"by": n}) for n in range(8)))
    assert len({answer["by"] for answer in answers}) == 1
    assert await objects.read_json("jobs/j2/plan.json") == answers[0]


async def test_deleting(objects: ObjectStore) -> None:
    for name in ("a", "b", "c"):
        await objects.write_json(f"x/{name}", {})
    await objects.delete(["x/a", "x/never-there"])
    assert await objects.find("x/a") is None
    assert await objects.find("x/b") is not None
    await objects.delete_prefix("x/")
    assert await objects.find("x/c") is None


async def test_more_keys_than_one_call_deletes(objects: ObjectStore) -> None:
    await objects.write_json("y/last", {})
    await objects.delete([*(f"y/{n}" for n in range(1500)), "y/last"])
    assert await objects.find("y/last") is None


class Halfhearted:
    """A client that deletes some of what it is told to, and in which another writer is always quicker."""

    def delete_objects(self, **_: Any) -> Any:
        return {"Errors": [{"Key": "a", "Code": "InternalError", "Message": "secret detail"}]}

    def put_object(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": "ConditionalRequestConflict", "Message": ""}}, "PutObject")

    def get_object(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")


async def test_what_was_not_deleted_is_no_success() -> None:
    objects = ObjectStore(Halfhearted(), BUCKET)  # type: ignore[arg-type]  # stands in for the client
    with pytest.raises(BackendUnavailable, match="did not delete 1 objects") as raised:
        await objects.delete(["a", "b"])
    assert "secret detail" not in raised.value.message


async def test_a_writer_that_meets_another_at_the_same_moment_is_to_try_again() -> None:
    objects = ObjectStore(Halfhearted(), BUCKET)  # type: ignore[arg-type]  # stands in for the client
    with pytest.raises(BackendUnavailable, match="Try again"):
        await objects.write_json_once("jobs/j1/plan.json", {})


class Refusing:
    """A client whose calls all fail."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def head_object(self, **_: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://s3.test"),
        ClientError({"Error": {"Code": "AccessDenied", "Message": "secret detail"}}, "HeadObject"),
        ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "HeadObject"),
    ],
)
async def test_a_storage_that_refuses_is_unavailable(error: Exception) -> None:
    objects = ObjectStore(Refusing(error), BUCKET)  # type: ignore[arg-type]  # stands in for the client
    with pytest.raises(BackendUnavailable) as raised:
        await objects.find("x")
    assert "secret detail" not in raised.value.message
