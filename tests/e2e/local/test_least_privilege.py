"""Functions have the rights they need and no others: what a role must not do is refused by the cloud itself.

The emulator does not know conditions on leading keys; tests/unit/functions/test_template.py looks at those.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.stack_file import Stack

Call = Callable[[boto3.Session, dict[str, str]], Any]


@pytest.fixture(scope="module")
def role_of(aws: Any) -> Callable[[str], boto3.Session]:
    """Makes a session with the role of a function, by the start of its logical name."""
    roles = {role["RoleName"]: role["Arn"] for role in aws.client("iam").list_roles()["Roles"]}

    def session(function: str) -> boto3.Session:
        (arn,) = (arn for name, arn in roles.items() if f"-{function}FunctionRole-" in name)
        given = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], "us-east-1")

    return session


def put(table: str, pk: str) -> Call:
    item = {"pk": {"S": pk}, "sk": {"S": "test"}}
    return lambda session, names: session.client("dynamodb").put_item(TableName=names[table], Item=item)


def delete(table: str, pk: str) -> Call:
    key = {"pk": {"S": pk}, "sk": {"S": "test"}}
    return lambda session, names: session.client("dynamodb").delete_item(TableName=names[table], Key=key)


def get(table: str) -> Call:
    key = {"pk": {"S": "nothing"}, "sk": {"S": "nothing"}}
    return lambda session, names: session.client("dynamodb").get_item(TableName=names[table], Key=key)


def read_secret(name: str) -> Call:
    return lambda session, _: session.client("secretsmanager").get_secret_value(SecretId=name)


def put_object(key: str) -> Call:
    return lambda session, names: session.client("s3").put_object(Bucket=names["BucketName"], Key=key, Body=b"")


def invoke(function: str) -> Call:
    return lambda session, _: session.client("lambda").invoke(FunctionName=function, Payload=b"{}")


def send(session: boto3.Session, names: dict[str, str]) -> Any:
    return session.client("sqs").send_message(QueueUrl=names["TransferQueueUrl"], MessageBody="no message of ours")


REFUSED: list[tuple[str, str, Call]] = [
    ("Portal", "reads the access table", get("AccessTableName")),
    ("Portal", "reads the admin's key", read_secret("rs-server/admin-key")),
    ("Authorizer", "reads jobs", get("JobsTableName")),
    ("Authorizer", "reads the admin's key", read_secret("rs-server/admin-key")),
    ("Access", "reads jobs", get("JobsTableName")),
    ("Access", "writes objects", put_object("alice/c/i/a")),
    ("Catalog", "takes rights away", delete("AccessTableName", "subject#user:bob")),
    ("Catalog", "writes the documents of jobs", put_object("jobs/j/items.json")),
    ("Catalog", "reads station credentials", read_secret("rs-server/stations/cadip/mti")),
    ("CatalogIngest", "gives rights", put("AccessTableName", "subject#user:bob")),
    ("CatalogIngest", "writes the plan of a job", put_object("jobs/j/plan.json")),
    ("Cadip", "takes rights away", delete("AccessTableName", "subject#user:bob")),
    ("Cadip", "reads the admin's key", read_secret("rs-server/admin-key")),
    ("Cadip", "sends work", send),
    ("Staging", "reads station credentials", read_secret("rs-server/stations/cadip/mti")),
    ("Staging", "writes users' objects", put_object("alice/c/i/a")),
    ("Staging", "writes into the catalog", invoke("rs-server-catalog-ingest:live")),
    ("StagingWorker", "gives rights", put("AccessTableName", "subject#user:bob")),
    ("StagingWorker", "reads the admin's key", read_secret("rs-server/admin-key")),
    ("StagingWorker", "calls the access service", invoke("rs-server-access:live")),
    ("Deployment", "reads station credentials", read_secret("rs-server/stations/cadip/mti")),
]

ALLOWED: list[tuple[str, str, Call]] = [
    ("Authorizer", "reads the access table", get("AccessTableName")),
    ("Cadip", "reads its stations' credentials", read_secret("rs-server/stations/cadip/mti")),
    ("Catalog", "reads rights", get("AccessTableName")),
    ("CatalogIngest", "keeps the journal of a job", put_object("jobs/j/journal.json")),
    ("Catalog", "writes objects of users, for whom it presigns uploads", put_object("alice/c/i/a")),
    ("StagingWorker", "reads jobs", get("JobsTableName")),
]


def named(cases: list[tuple[str, str, Call]]) -> list[Any]:
    return [pytest.param(function, call, id=f"{function} {what}") for function, what, call in cases]


@pytest.fixture(autouse=True)
def on_the_emulator(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.aws_endpoint_url)


@pytest.mark.parametrize(("function", "call"), named(REFUSED))
def test_a_function_may_not(function: str, call: Call, role_of: Callable[[str], boto3.Session], stack: Stack) -> None:
    with pytest.raises(ClientError) as refusal:
        call(role_of(function), stack.outputs)
    assert "AccessDenied" in refusal.value.response["Error"]["Code"]


@pytest.mark.parametrize(("function", "call"), named(ALLOWED))
def test_a_function_may(function: str, call: Call, role_of: Callable[[str], boto3.Session], stack: Stack) -> None:
    call(role_of(function), stack.outputs)
