"""Messages: the work that workers get through the queue, each an id and, for a transfer, a range.

A message may come twice, or to two workers at once; nothing in it is a right or an address.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from botocore.exceptions import BotoCoreError, ClientError

from rs_server.errors import BackendUnavailable
from rs_server.staging.concurrency import each

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH = 10
"""Messages that one SendMessageBatch takes (SQS quotas)."""
AT_ONCE = 8
LONGEST_DELAY = 900
LONGEST_VISIBILITY = 43_200


Kind = Literal["plan", "transfer", "order", "finish", "notify", "poll"]


@dataclass(frozen=True, slots=True)
class Message:
    """A step of a job: plan it, move one range of one of its transfers, look after its orders, finish it, call back.

    Or a poll: then `job` is the id of a subscription.
    """

    kind: Kind
    job: str
    transfer: int = 0
    range: int = 0
    station: str = ""
    place: int = 0
    """Number of the place that a transfer has at its station."""
    look: int = 0
    """How many looks after a job's orders came before it since the last that found something; 0 for one out of turn."""
    waited: int = 0
    """Seconds that this piece of work was told to wait so far, by a station or a limit that said when to come back."""
    tried: int = 0
    """Deliveries of this piece of work that failed before it was put off into this message."""

    def to_body(self) -> str:
        """The message as the queue carries it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_body(cls, body: str) -> Message:
        """Read what `to_body` wrote; raises ValueError for anything else."""
        try:
            message = cls(**json.loads(body))
        except (TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"This is no message of ours: {error}") from error
        if message.kind not in get_args(Kind):
            raise ValueError(f"This is no message of ours: kind {message.kind!r}.")
        return message


class WorkQueue:
    """The queue that feeds the workers."""

    def __init__(self, sqs: SQSClient, url: str) -> None:
        self.sqs = sqs
        self.url = url

    async def send(self, messages: Sequence[Message], delay: int = 0) -> None:
        """Send messages, to be seen `delay` seconds from now."""
        batches = [messages[start : start + BATCH] for start in range(0, len(messages), BATCH)]
        await each(batches, lambda batch: self._send(batch, min(delay, LONGEST_DELAY)), AT_ONCE)

    async def hide(self, receipt: str, seconds: int) -> None:
        """Keep a message that is being worked on out of sight for `seconds` from now."""
        await self._call(
            self.sqs.change_message_visibility,
            QueueUrl=self.url,
            ReceiptHandle=receipt,
            VisibilityTimeout=min(seconds, LONGEST_VISIBILITY),
        )

    async def _send(self, batch: Sequence[Message], delay: int) -> None:
        entries = [
            {"Id": str(index), "MessageBody": message.to_body(), "DelaySeconds": delay}
            for index, message in enumerate(batch)
        ]
        answer = await self._call(self.sqs.send_message_batch, QueueUrl=self.url, Entries=entries)
        if answer.get("Failed"):
            raise BackendUnavailable("The work queue did not take every message. Try again later.")

    async def _call(self, operation: Any, **arguments: Any) -> Any:
        try:
            return await asyncio.to_thread(operation, **arguments)
        except (BotoCoreError, ClientError) as error:
            raise BackendUnavailable("The work queue is out of reach. Try again later.") from error
