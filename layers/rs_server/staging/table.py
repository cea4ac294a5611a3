"""The jobs table: records by key, conditional changes, transactions. Values are plain Python; numbers are integers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import batched
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from rs_server.errors import BackendUnavailable
from rs_server.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Record = dict[str, Any]
TRANSACTION = 100
"""Writes that one TransactWriteItems takes (DynamoDB quotas)."""
CONFLICT_ATTEMPTS = 8
PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
"""Why a transaction may be refused that is taken a moment later; botocore repeats only what is refused as a whole."""

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


@dataclass(frozen=True, slots=True)
class Key:
    """Partition and sort key of a record."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An update of one record: set, add to or remove attributes, under a condition.

    `when` is a condition expression in which `#name` stands for the attribute of that name and `:name` for a member
    of `values`. None is no value: an attribute is removed by naming it in `remove`.
    """

    key: Key
    put: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()
    when: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def request(self, table: str) -> dict[str, Any]:
        """The change as UpdateItem and TransactWriteItems take it."""
        clauses = [
            f"{verb} {', '.join(parts)}"
            for verb, parts in (
                ("SET", [f"#{name} = :put_{name}" for name in self.put]),
                ("ADD", [f"#{name} :add_{name}" for name in self.add]),
                ("REMOVE", [f"#{name}" for name in self.remove]),
            )
            if parts
        ]
        expression = " ".join(clauses)
        values = {f":{name}": value for name, value in self.values.items()}
        values |= {f":put_{name}": value for name, value in self.put.items()}
        values |= {f":add_{name}": value for name, value in self.add.items()}
        return {
            "TableName": table,
            "Key": encode({"pk": self.key.pk, "sk": self.key.sk}),
            "UpdateExpression": expression,
            "ExpressionAttributeNames": names_in(f"{expression} {self.when}"),
            **({"ConditionExpression": self.when} if self.when else {}),
            **({"ExpressionAttributeValues": encode(values)} if values else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """The removal of one record in a transaction, under a condition as in Change."""

    key: Key
    when: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def request(self, table: str) -> dict[str, Any]:
        """The removal as TransactWriteItems takes it."""
        return {
            "TableName": table,
            "Key": encode({"pk": self.key.pk, "sk": self.key.sk}),
            **condition_of(self.when, self.values),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What must hold of a record for a transaction to happen; `when` and `values` as in Change."""

    key: Key
    when: str
    values: Mapping[str, Any]

    def request(self, table: str) -> dict[str, Any]:
        """The check as TransactWriteItems takes it."""
        return Removal(key=self.key, when=self.when, values=self.values).request(table)


class Table:
    """One DynamoDB table with `pk` and `sk`."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self.client = client
        self.name = name

    async def get(self, key: Key) -> Record | None:
        """The record at `key`, as last written."""
        answer = await self._call(
            self.client.get_item, TableName=self.name, Key=encode({"pk": key.pk, "sk": key.sk}), ConsistentRead=True
        )
        return decode(answer["Item"]) if answer and "Item" in answer else None

    async def put(self, record: Record, when: str = "", values: Mapping[str, Any] | None = None) -> bool:
        """Write a whole record; False when the condition `when` does not hold."""
        condition = condition_of(when, values)
        answer = await self._call(self.client.put_item, TableName=self.name, Item=encode(record), **condition)
        return answer is not None

    async def put_together(self, records: Sequence[Record], when: str, values: Mapping[str, Any]) -> bool:
        """Write all records or none; False when the condition `when` does not hold for one of them."""
        condition = condition_of(when, values)
        items = [{"Put": {"TableName": self.name, "Item": encode(record), **condition}} for record in records]
        return not items or await self._call(self.client.transact_write_items, TransactItems=items) is not None

    async def put_while(self, check: Check, records: Iterable[Record]) -> bool:
        """Write records, over what is there, some together, as long as `check` holds; False when it does not."""
        for some in batched(records, TRANSACTION - 1, strict=False):
            puts = [{"Put": {"TableName": self.name, "Item": encode(record)}} for record in some]
            items = [{"ConditionCheck": check.request(self.name)}, *puts]
            if await self._call(self.client.transact_write_items, TransactItems=items) is None:
                return False
        return True

    async def change(self, change: Change, *, old: bool = False) -> Record | None:
        """Apply one change; the record after it (with `old` the changed attributes before), None if not allowed."""
        answer = await self._call(
            self.client.update_item, **change.request(self.name), ReturnValues="UPDATED_OLD" if old else "ALL_NEW"
        )
        return None if answer is None else decode(answer.get("Attributes", {}))

    async def change_all(self, *changes: Change | Removal | Check) -> bool:
        """Apply all changes or none; False when a condition does not hold."""
        items = [{VERBS[type(change)]: change.request(self.name)} for change in changes]
        return await self._call(self.client.transact_write_items, TransactItems=items) is not None

    async def delete(self, key: Key, when: str = "", values: Mapping[str, Any] | None = None) -> bool:
        """Delete a record; False when the condition `when` does not hold."""
        answer = await self._call(
            self.client.delete_item,
            TableName=self.name,
            Key=encode({"pk": key.pk, "sk": key.sk}),
            **condition_of(when, values),
        )
        return answer is not None

    async def below(self, pk: str, prefix: str = "") -> list[Record]:
        """All records of a partition whose sort key starts with `prefix`, in order; without prefix: all of it."""
        condition, values = "pk = :pk", {"pk": pk}
        if prefix:
            condition, values = f"{condition} AND begins_with(sk, :prefix)", {"pk": pk, "prefix": prefix}
        found: list[Record] = []
        start: Record | None = None
        while True:
            page, start = await self.page(condition=condition, values=values, start=start)
            found += page
            if start is None:
                return found

    async def page(
        self, *, condition: str, values: Mapping[str, Any], start: Record | None = None, **options: Any
    ) -> tuple[list[Record], Record | None]:
        """One page of a query and where the next one starts; `options` go to Query as they are."""
        if "IndexName" not in options:
            options["ConsistentRead"] = True
        if names := names_in(condition):
            options["ExpressionAttributeNames"] = names
        return await self._page(
            self.client.query,
            start,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values_of(values),
            **options,
        )

    async def scan(self, start: Record | None = None, **options: Any) -> tuple[list[Record], Record | None]:
        """One page of a scan, in no order; meant for small indexes."""
        return await self._page(self.client.scan, start, **options)

    async def _page(
        self, operation: Callable[..., Any], start: Record | None, **arguments: Any
    ) -> tuple[list[Record], Record | None]:
        if start is not None:
            arguments["ExclusiveStartKey"] = encode(start)
        answer = await self._call(operation, TableName=self.name, **arguments) or {}
        last = answer.get("LastEvaluatedKey")
        return [decode(item) for item in answer.get("Items", [])], decode(last) if last else None

    async def _call(self, operation: Callable[..., Any], **arguments: Any) -> Any:
        """Run a blocking call in a thread; None when its condition does not hold."""
        for attempt in range(CONFLICT_ATTEMPTS):
            try:
                return await asyncio.to_thread(operation, **arguments)
            except ClientError as error:
                codes = _reasons(error)
                if "ConditionalCheckFailed" in codes:
                    return None
                if not codes & PASSING:
                    logger.error("table refused a call", operation=error.operation_name, codes=sorted(codes))
                    raise BackendUnavailable("The jobs table refused a call. Try again later.") from error
            except BotoCoreError as error:
                raise BackendUnavailable("The jobs table is out of reach. Try again later.") from error
            await asyncio.sleep(0.02 * 2**attempt)
        raise BackendUnavailable("The jobs table is busy. Try again later.")


VERBS = {Change: "Update", Removal: "Delete", Check: "ConditionCheck"}


def _reasons(error: ClientError) -> set[str]:
    cancelled: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]  # a member of transactions' errors only
    codes = {reason.get("Code", "") for reason in cancelled} - {"None", ""}
    return codes or {str(error.response.get("Error", {}).get("Code", "")).removesuffix("Exception")}


def condition_of(when: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The arguments of a call that is made only if `when` holds; `values` stand in it as `:name`. None without it."""
    if not when:
        return {}
    condition = {"ConditionExpression": when, "ExpressionAttributeNames": names_in(when)}
    return condition | ({"ExpressionAttributeValues": values_of(values)} if values else {})


def values_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The `:name` placeholders of an expression, each with its value as DynamoDB writes it."""
    return encode({f":{name}": value for name, value in values.items()})


def names_in(expression: str) -> dict[str, str]:
    """The `#name` placeholders of an expression, each standing for the attribute of its name."""
    return {f"#{name}": name for name in re.findall(r"#(\w+)", expression)}


def encode(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as DynamoDB writes it."""
    return {name: _serializer.serialize(value) for name, value in record.items()}


def decode(item: Mapping[str, Any]) -> Record:
    """A record as Python has it."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value)
        case set():
            return {_plain(member) for member in value}
        case list():
            return [_plain(member) for member in value]
        case dict():
            return {name: _plain(member) for name, member in value.items()}
    return value
