"""The state of one station in the `stations` table, which all our functions share: small records under one key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from rs_server.errors import BackendUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = 86400
Attributes = dict[str, Any]
"""Attributes of a record as DynamoDB writes them: {"N": "1"}."""


class StationState:
    """Records `station#{service}:{station}` with a sort key each. Raises BackendUnavailable when it is out of reach."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, station: str) -> None:
        self.dynamodb = dynamodb
        self.table = table
        self.station = station

    async def get(self, sort: str) -> Attributes | None:
        """A record as it is now."""
        answer = await self._call("get_item", Key=self._key(sort), ConsistentRead=True)
        return answer.get("Item")

    async def put(self, sort: str, attributes: Attributes) -> None:
        """Write a record, whatever was there."""
        await self._call("put_item", Item=self._key(sort) | attributes)

    async def take(self, sort: str, owner: str, now: float, until: float) -> Attributes | None:
        """Write a lease of `owner` unless another's is in force; answers that other one, or None when taken."""
        answer = await self._call(
            "put_item",
            Item=self._key(sort) | _lease(owner, until),
            ConditionExpression="attribute_not_exists(pk) OR #until < :now OR #owner = :owner",
            ExpressionAttributeNames={"#until": "until", "#owner": "owner"},
            ExpressionAttributeValues={":now": number(now), ":owner": {"S": owner}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return None if answer["taken"] else answer["Item"]

    async def extend(self, sort: str, owner: str, until: float) -> bool:
        """Put off the end of a lease of `owner`; False if it is another's by now, or was left."""
        answer = await self._call(
            "put_item",
            Item=self._key(sort) | _lease(owner, until),
            ConditionExpression="#owner = :owner",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues={":owner": {"S": owner}},
        )
        return bool(answer["taken"])

    async def leave(self, sort: str, owner: str, note: Attributes | None = None) -> None:
        """Delete a lease of `owner`, or with `note` keep it to its end with the note; another's stays as it is."""
        mine: Attributes = {
            "Key": self._key(sort),
            "ConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
        }
        values: Attributes = {":owner": {"S": owner}}
        if note is None:
            await self._call("delete_item", **mine, ExpressionAttributeValues=values)
            return
        names = mine["ExpressionAttributeNames"] | {f"#n{index}": name for index, name in enumerate(note)}
        values |= {f":n{index}": value for index, value in enumerate(note.values())}
        changes = ", ".join(f"#n{index} = :n{index}" for index in range(len(note)))
        await self._call(
            "update_item",
            **mine | {"ExpressionAttributeNames": names},
            UpdateExpression=f"SET {changes}",
            ExpressionAttributeValues=values,
        )

    async def count(self, sort: str, step: int, most: int, expires: float) -> bool:
        """Add `step` to a counter unless it would pass `most`; whether it was added."""
        answer = await self._call(
            "update_item",
            Key=self._key(sort),
            UpdateExpression="ADD #count :step SET #ttl = :ttl",
            ConditionExpression="attribute_not_exists(#count) OR #count <= :room",
            ExpressionAttributeNames={"#count": "count", "#ttl": "ttl"},
            ExpressionAttributeValues={
                ":step": number(step),
                ":room": number(most - step),
                ":ttl": number(int(expires) + DAY),
            },
        )
        return bool(answer["taken"])

    async def listed(self, prefix: str) -> dict[str, Attributes]:
        """Records whose sort key begins with `prefix`, by sort key."""
        answer = await self._call(
            "query",
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": self._key("")["pk"], ":prefix": {"S": prefix}},
            ConsistentRead=True,
        )
        return {item["sk"]["S"]: item for item in answer["Items"]}

    def _key(self, sort: str) -> Attributes:
        return {"pk": {"S": f"station#{self.station}"}, "sk": {"S": sort}}

    async def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self._blocking, operation, arguments)

    def _blocking(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: dict[str, Any] = getattr(self.dynamodb, operation)(TableName=self.table, **arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return {"taken": False, "Item": error.response.get("Item", {})}
            raise BackendUnavailable("The table of the stations' state is out of reach. Try again.") from error
        except BotoCoreError as error:
            raise BackendUnavailable("The table of the stations' state is out of reach. Try again.") from error
        else:
            return {"taken": True} | answer


def _lease(owner: str, until: float) -> Attributes:
    return {"owner": {"S": owner}, "until": number(until), "ttl": number(int(until) + DAY)}


def number(value: float) -> Attributes:
    """A number as DynamoDB writes it."""
    return {"N": repr(value)}
