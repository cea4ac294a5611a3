"""Where tokens are shared: the `stations` table, or the process alone (tests, tools)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from rs_server.errors import BackendUnavailable
from rs_server.stations.odata.tokens import Token

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = 86400


class TableTokenStore:
    """Records `station#{service}:{station}` with sort keys `token` and `lease`.

    A token is a secret: the table is encrypted, and only the functions that talk to stations may read it.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str, station: str) -> None:
        self.dynamodb = dynamodb
        self.table = table
        self.partition = {"S": f"station#{station}"}

    async def load(self) -> Token | None:
        """The stored token; raises BackendUnavailable when the table is out of reach."""
        answer = await self._call("get_item", Key=self._key("token"), ConsistentRead=True)
        item = answer.get("Item")
        if not item:
            return None
        return Token(
            access_token=item["access_token"]["S"],
            issued=float(item["issued"]["N"]),
            expires=float(item["expires"]["N"]),
            refresh_token=item["refresh_token"]["S"],
            refresh_expires=float(item["refresh_expires"]["N"]),
        )

    async def save(self, token: Token) -> None:
        """Store the token; only the holder of the lease does."""
        item = self._key("token") | {
            "access_token": {"S": token.access_token},
            "issued": {"N": repr(token.issued)},
            "expires": {"N": repr(token.expires)},
            "refresh_token": {"S": token.refresh_token},
            "refresh_expires": {"N": repr(token.refresh_expires)},
            "ttl": {"N": str(int(max(token.expires, token.refresh_expires)) + DAY)},
        }
        await self._call("put_item", Item=item)

    async def lease(self, owner: str, now: float, until: float) -> str | None:
        """Take the lease if no one holds it; the condition makes sure of one holder."""
        item = self._key("lease") | {
            "owner": {"S": owner},
            "until": {"N": repr(until)},
            "ttl": {"N": str(int(until) + DAY)},
        }
        answer = await self._call(
            "put_item",
            Item=item,
            ConditionExpression="attribute_not_exists(pk) OR #until < :now",
            ExpressionAttributeNames={"#until": "until"},
            ExpressionAttributeValues={":now": {"N": repr(now)}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return None if answer["taken"] else str(answer["Item"].get("refusal", {}).get("S", ""))

    async def release(self, owner: str, refusal: str = "") -> None:
        """Delete the lease, or note the refusal in it; a lease that another has taken since stays as it is."""
        mine: dict[str, Any] = {
            "Key": self._key("lease"),
            "ConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
        }
        values = {":owner": {"S": owner}}
        if not refusal:
            await self._call("delete_item", **mine, ExpressionAttributeValues=values)
            return
        values[":refusal"] = {"S": refusal}
        await self._call(
            "update_item", **mine, UpdateExpression="SET refusal = :refusal", ExpressionAttributeValues=values
        )

    def _key(self, sort: str) -> dict[str, Any]:
        return {"pk": self.partition, "sk": {"S": sort}}

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


class MemoryTokenStore:
    """The same for one process: what tests and tools without a table use."""

    def __init__(self) -> None:
        self.token: Token | None = None
        self.holder: tuple[str, float, str] | None = None

    async def load(self) -> Token | None:
        """The stored token, if any."""
        return self.token

    async def save(self, token: Token) -> None:
        """Replace the stored token."""
        self.token = token

    async def lease(self, owner: str, now: float, until: float) -> str | None:
        """Take the lease if no one holds it."""
        if self.holder and self.holder[1] >= now:
            return self.holder[2]
        self.holder = (owner, until, "")
        return None

    async def release(self, owner: str, refusal: str = "") -> None:
        """Give the lease up, or note the refusal in it."""
        if self.holder and self.holder[0] == owner:
            self.holder = (owner, self.holder[1], refusal) if refusal else None
