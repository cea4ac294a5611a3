"""Dead letters: work that was begun again and again and never ended, for administrators to see and to send again.

They are where the queue itself puts them, so that its alarm is about the same thing. Looking at them takes them for a
moment: whoever looks at the same time sees only the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from rs_server.errors import BackendUnavailable, Conflict, NotFound
from rs_server.staging.concurrency import each
from rs_server.staging.jobs import timestamp
from rs_server.staging.messages import Message, WorkQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_SEEN = 200
"""Letters that are looked through at a time, well within an HTTP answer's time."""
TAKEN_SECONDS = 30
BATCH = 10
"""Messages that one ReceiveMessage gives (SQS quotas)."""
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that no worker could end."""

    id: str
    body: str
    receipt: str
    sent: str
    """When the work was first put into the queue of dead letters, RFC 3339."""

    @property
    def message(self) -> Message | None:
        """The work that it asks for; None if it is no message of ours."""
        try:
            return Message.from_body(self.body)
        except ValueError:
            return None


class DeadLetters:
    """The queue of dead letters."""

    def __init__(self, sqs: SQSClient, url: str, work: WorkQueue) -> None:
        self.sqs = sqs
        self.url = url
        self.work = work

    async def look(self) -> list[DeadLetter]:
        """What there is, the oldest first; at most `MOST_SEEN`."""
        letters: list[DeadLetter] = []
        try:
            letters.extend([letter async for letter in self._take()])
        finally:
            await each(letters, self._give_back, AT_ONCE)
        return sorted(letters, key=lambda letter: (letter.sent, letter.id))

    async def replay(self, letter_id: str) -> DeadLetter:
        """Send the work of a letter again; raises NotFound, and Conflict for one that asks for no work of ours."""
        letter = await self._taken(letter_id)
        if letter.message is None:
            await self._give_back(letter)
            raise Conflict("This is no message of ours, so it cannot be sent again. Delete it.")
        await self._send_again(letter.message)
        await self._remove(letter)
        return letter

    async def replay_all(self) -> int:
        """Send the work of all letters again; how many. Those that ask for no work of ours stay."""
        replayed, rest = 0, []
        try:
            async for letter in self._take():
                if letter.message is None:
                    rest.append(letter)
                    continue
                await self._send_again(letter.message)
                await self._remove(letter)
                replayed += 1
        finally:
            await each(rest, self._give_back, AT_ONCE)
        return replayed

    async def _send_again(self, message: Message) -> None:
        await self.work.send([replace(message, tried=0)])  # the cause may be gone, so the attempts begin anew

    async def delete(self, letter_id: str) -> None:
        """Throw a letter away; raises NotFound."""
        await self._remove(await self._taken(letter_id))

    async def _taken(self, letter_id: str) -> DeadLetter:
        """One letter, taken; raises NotFound."""
        others: list[DeadLetter] = []
        try:
            async for letter in self._take():
                if letter.id == letter_id:
                    return letter
                others.append(letter)
        finally:
            await each(others, self._give_back, AT_ONCE)
        raise NotFound(f"There is no dead letter {letter_id!r}; if somebody looks at them now, try again in a moment.")

    async def _take(self) -> AsyncIterator[DeadLetter]:
        """Letter after letter, each out of others' sight for a moment."""
        seen: set[str] = set()
        while len(seen) < MOST_SEEN:
            answer = await self._call(
                self.sqs.receive_message,
                MaxNumberOfMessages=BATCH,
                VisibilityTimeout=TAKEN_SECONDS,
                WaitTimeSeconds=1,
                AttributeNames=["SentTimestamp"],
            )
            messages = [letter_of(message) for message in answer.get("Messages", [])]
            fresh = [letter for letter in messages if letter.id not in seen]
            if not fresh:
                return
            for letter in fresh:
                seen.add(letter.id)
                yield letter

    async def _give_back(self, letter: DeadLetter) -> None:
        await self._call(self.sqs.change_message_visibility, ReceiptHandle=letter.receipt, VisibilityTimeout=0)

    async def _remove(self, letter: DeadLetter) -> None:
        await self._call(self.sqs.delete_message, ReceiptHandle=letter.receipt)

    async def _call(self, operation: Any, **arguments: Any) -> Any:
        try:
            return await asyncio.to_thread(operation, QueueUrl=self.url, **arguments)
        except (BotoCoreError, ClientError) as error:
            raise BackendUnavailable("The queue of dead letters is out of reach. Try again later.") from error


def letter_of(message: Mapping[str, Any]) -> DeadLetter:
    """A message of SQS as a letter."""
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    return DeadLetter(message["MessageId"], message["Body"], message["ReceiptHandle"], timestamp(sent))
