"""The access table: records in and out of DynamoDB, transactions, and one error for a table out of reach."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rs_server.errors import BackendUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Record = dict[str, Any]
"""One record: `pk`, `sk` and whatever its noun has; values are text, int, bool, lists and maps."""

RecordKey = tuple[str, str]
"""`pk` and `sk`."""

BY_LOGIN = "by_login"
"""Index with hash `login` (the user a key is of, the member of a group, the owner a grant or audit entry is about)."""
BY_RESOURCE = "by_resource"
"""Index with hash `resource`, range `pk`."""

HASH_KEYS = {None: "pk", BY_LOGIN: "login", BY_RESOURCE: "resource"}
RANGE_KEYS = {None: "sk", BY_LOGIN: "sk", BY_RESOURCE: "pk"}
CONFLICT_TRIES = 5
OUT_OF_REACH = "The table of users and rights is out of reach. Try again in a moment."

logger = logging.getLogger(__name__)

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class ConditionFailed(Exception):
    """A record was not as the write demanded, so nothing was written."""


class Page(NamedTuple):
    """Some records, and the key to go on from; None at the end."""

    records: list[Record]
    last: Record | None = None


def connect(name: str) -> AccessTable:
    """The access table over a client that gives up well within an HTTP request's time."""
    config = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 3, "mode": "standard"})
    return AccessTable(boto3.client("dynamodb", config=config), name)


class AccessTable:
    """Reads and writes records; raises BackendUnavailable whenever DynamoDB does not do what it is asked."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self.client = client
        self.name = name

    def get(self, key: RecordKey) -> Record | None:
        """The record with this key, or None; what was written a moment ago is seen."""
        answer = self._call("get_item", Key=_key(key), ConsistentRead=True)
        return _record(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[RecordKey]) -> dict[RecordKey, Record]:
        """Those of up to 100 records that exist, in one call."""
        wanted: Any = {self.name: {"Keys": [_key(key) for key in keys], "ConsistentRead": True}}
        found: dict[RecordKey, Record] = {}
        for _ in range(CONFLICT_TRIES):
            answer = self._request("batch_get_item", RequestItems=wanted)
            for item in answer["Responses"].get(self.name, []):
                record = _record(item)
                found[record["pk"], record["sk"]] = record
            wanted = answer.get("UnprocessedKeys")
            if not wanted:
                return found
        raise BackendUnavailable(OUT_OF_REACH)

    def query(self, value: str, prefix: str = "", *, index: str | None = None) -> Iterator[Record]:
        """All records under a hash key whose range key starts with `prefix`, in the order of the range key."""
        start: Record | None = None
        while True:
            page = self.page(value, prefix, index=index, start=start)
            yield from page.records
            if page.last is None:
                return
            start = page.last

    def page(
        self,
        value: str,
        prefix: str = "",
        *,
        index: str | None = None,
        start: Record | None = None,
        limit: int = 1000,
        newest_first: bool = False,
    ) -> Page:
        """Up to `limit` records under a hash key, after `start`."""
        request: dict[str, Any] = {
            "KeyConditionExpression": "#h = :h",
            "ExpressionAttributeNames": {"#h": HASH_KEYS[index]},
            "ExpressionAttributeValues": {":h": {"S": value}},
            "Limit": limit,
            "ScanIndexForward": not newest_first,
        } | ({"IndexName": index} if index else {"ConsistentRead": True})
        if prefix:
            request["KeyConditionExpression"] += " AND begins_with(#r, :r)"
            request["ExpressionAttributeNames"]["#r"] = RANGE_KEYS[index]
            request["ExpressionAttributeValues"][":r"] = {"S": prefix}
        return self._page("query", request, start)

    def scan(self, prefix: str, *, start: Record | None = None, limit: int = 1000) -> Page:
        """Records of the whole table whose `sk` starts with `prefix`: reads everything, so only for administrators."""
        request = {
            "FilterExpression": "begins_with(sk, :prefix)",
            "ExpressionAttributeValues": {":prefix": {"S": prefix}},
            "Limit": limit,
        }
        return self._page("scan", request, start)

    def write(self, *operations: Mapping[str, Any]) -> None:
        """Do all of `operations` (see `put`, `update`, `delete`) or none; raises ConditionFailed.

        A transaction that meets another on the same record is tried again a few times.
        """
        items = [{kind: {"TableName": self.name, **body}} for entry in operations for kind, body in entry.items()]
        for attempt in range(CONFLICT_TRIES):
            try:
                self._request("transact_write_items", TransactItems=items)
            except _TransactionConflict:
                time.sleep(0.02 * 2**attempt)
            else:
                return
        raise BackendUnavailable(OUT_OF_REACH)

    def _page(self, operation: str, request: Mapping[str, Any], start: Record | None) -> Page:
        begin = {"ExclusiveStartKey": _item(start)} if start else {}
        answer = self._call(operation, **request, **begin)
        last = answer.get("LastEvaluatedKey")
        return Page([_record(item) for item in answer["Items"]], _record(last) if last else None)

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return self._request(operation, TableName=self.name, **arguments)

    def _request(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.client, operation)(**arguments)
        except ClientError as error:
            raise _translated(error) from error
        except BotoCoreError as error:
            logger.error("%s on table %s: %s", operation, self.name, error)
            raise BackendUnavailable(OUT_OF_REACH) from error
        return answer


class _TransactionConflict(Exception):
    """Another transaction was at work on the same record."""


def put(record: Mapping[str, Any], *, if_absent: bool = False) -> dict[str, Any]:
    """Operation that writes a whole record; with `if_absent` only where there is none with its key."""
    condition = {"ConditionExpression": "attribute_not_exists(pk)"} if if_absent else {}
    return {"Put": {"Item": _item(record), **condition}}


def delete(key: RecordKey) -> dict[str, Any]:
    """Operation that removes a record which must exist."""
    return {"Delete": {"Key": _key(key), "ConditionExpression": "attribute_exists(pk)"}}


def update(
    key: RecordKey,
    changes: Mapping[str, Any],
    only_if: str = "attribute_exists(pk)",
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Operation that sets attributes of a record, or removes those whose new value is None.

    `only_if` is a condition of DynamoDB; an attribute in it may be written `#name`, and its `:values` are in `values`.
    """
    kept = {name: value for name, value in changes.items() if value is not None}
    removed = [name for name, value in changes.items() if value is None]
    expression = "SET " + ", ".join(f"#{name} = :new_{name}" for name in kept) if kept else ""
    if removed:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in removed)
    given = {f":new_{name}": value for name, value in kept.items()} | dict(values or {})
    names = {f"#{name}": name for name in [*changes, *re.findall(r"#(\w+)", only_if)]}
    body: dict[str, Any] = {
        "Key": _key(key),
        "UpdateExpression": expression.strip(),
        "ConditionExpression": only_if,
        "ExpressionAttributeNames": names,
    }
    written = {name: _serialize(value) for name, value in given.items()}
    return {"Update": body | ({"ExpressionAttributeValues": written} if written else {})}


def add_to_set(key: RecordKey, attribute: str, member: str, most: int, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Operation that adds `member` to a set of texts which does not have it and has fewer than `most`."""
    names = {"#set": attribute} | {f"#{name}": name for name in changes}
    values = {f":new_{name}": value for name, value in changes.items()}
    written = {name: _serialize(value) for name, value in (values | {":most": most, ":one": member}).items()}
    assignments = ", ".join(f"#{name} = :new_{name}" for name in changes)
    return {
        "Update": {
            "Key": _key(key),
            "UpdateExpression": f"ADD #set :added SET {assignments}",
            "ConditionExpression": "attribute_not_exists(#set) OR (size(#set) < :most AND NOT contains(#set, :one))",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": written | {":added": {"SS": [member]}},
        }
    }


def _translated(error: ClientError) -> Exception:
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return ConditionFailed()
    if code == "TransactionCanceledException":
        reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
        if "ConditionalCheckFailed" in reasons:
            return ConditionFailed()
        if "TransactionConflict" in reasons:
            return _TransactionConflict()
    if code == "TransactionConflictException":
        return _TransactionConflict()
    logger.error("access table: %s", error)
    return BackendUnavailable(OUT_OF_REACH)


def _key(key: RecordKey) -> Any:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def _item(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serialize(value) for name, value in record.items() if value is not None}


def _record(item: Mapping[str, Any]) -> Record:
    return {name: _plain(_deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value)
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case str() | bytes():
            return value
        case set():
            return frozenset(value)
        case Iterable():
            return [_plain(part) for part in value]
    return value
