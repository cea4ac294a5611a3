"""SQS as far as staging uses it, in a time that stands still but for jumps to the next message."""

# ruff: noqa: N803  # the arguments of AWS clients are written so
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tests.unit.staging.cast import START


class Clock:
    """The world's time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Queued:
    """A message in the queue."""

    body: str
    visible: float
    receipt: str
    count: int = 0


class FakeQueue:
    """SQS as far as staging uses it, in the world's time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.messages: list[Queued] = []
        self.dead: list[Queued] = []
        self.sent = 0
        self.refuses = False

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        if self.refuses:
            return {"Failed": [{"Id": entry["Id"], "Code": "InternalError"} for entry in Entries]}
        for entry in Entries:
            self.sent += 1
            visible = self.clock.seconds + entry.get("DelaySeconds", 0)
            self.messages.append(Queued(entry["MessageBody"], visible, f"receipt-{self.sent}"))
        return {"Failed": []}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
        for message in self.messages + self.dead:
            if message.receipt == ReceiptHandle:
                message.visible = self.clock.seconds + VisibilityTimeout

    def receive(self, visibility: int, most: int) -> Queued | None:
        """The next message, waiting in the world's time for one to become visible; None when the queue is empty."""
        while self.messages:
            message = min(self.messages, key=lambda each: each.visible)
            self.clock.seconds = max(self.clock.seconds, message.visible)
            message.count += 1
            if message.count > most:
                self.messages.remove(message)
                self.dead.append(replace(message, visible=self.clock.seconds))
                continue
            message.visible = self.clock.seconds + visibility
            return message
        return None

    def delete(self, message: Queued) -> None:
        if message in self.messages:  # another worker may have done it before
            self.messages.remove(message)

    def receive_message(self, *, MaxNumberOfMessages: int, VisibilityTimeout: int, **_: Any) -> dict[str, Any]:
        """Dead letters, in any order."""
        seen = [one for one in reversed(self.dead) if one.visible <= self.clock.seconds][:MaxNumberOfMessages]
        for one in seen:
            one.visible = self.clock.seconds + VisibilityTimeout
        return {"Messages": [self._letter(one) for one in seen]} if seen else {}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:
        self.dead = [one for one in self.dead if one.receipt != ReceiptHandle]

    @staticmethod
    def _letter(one: Queued) -> dict[str, Any]:
        sent = {"SentTimestamp": str(one.count * 1000)}
        return {"MessageId": f"id-{one.receipt}", "Body": one.body, "ReceiptHandle": one.receipt, "Attributes": sent}
