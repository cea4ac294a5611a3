"""A staging worker as a process of its own: it takes messages from the queue and handles them as the function does.

`python -m bench.worker` runs until it is ended; `python -m bench.worker copy URL KEY` is the plain copy it is compared
with: one stream by httpx into boto3's own upload.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
from typing import Any

import boto3
import httpx
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from bench.sink import BUCKET
from rs_server.staging.lambda_worker import worker_handler
from rs_server.staging.worker_wiring import connect_worker
from rs_server.storage.multipart import PART_SIZE

SECONDS = 110


class Context:
    """What Lambda tells a function."""

    def get_remaining_time_in_millis(self) -> int:
        """The whole of a function's time, at each message."""
        return SECONDS * 1000


def work() -> None:
    """Handle one message after the other."""
    sqs = boto3.client("sqs")
    url = os.environ["TRANSFER_QUEUE_URL"]
    handler = worker_handler(lambda: connect_worker(os.environ), asyncio.Runner())
    handler({"Records": []}, Context())  # which connects it
    print("ready", flush=True)
    while True:
        answer = sqs.receive_message(
            QueueUrl=url, WaitTimeSeconds=1, MaxNumberOfMessages=1, AttributeNames=["ApproximateReceiveCount"]
        )
        for message in answer.get("Messages", ()):
            record = {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
            }
            if not handler({"Records": [record]}, Context())["batchItemFailures"]:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


class Stream(io.RawIOBase):
    """The body of an answer, as boto3 reads files."""

    def __init__(self, response: httpx.Response) -> None:
        self.chunks = response.iter_raw()
        self.waiting = b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give what has come, at most as much as fits."""
        chunk = self.waiting or next(self.chunks, b"")
        count = min(len(buffer), len(chunk))
        buffer[:count] = chunk[:count]
        self.waiting = chunk[count:]
        return count


def copy(url: str, key: str, authorization: str) -> None:
    """Copy one file. As over https and for the worker, bodies are not hashed for the signature; parts have a CRC."""
    s3 = boto3.client("s3", config=Config(s3={"payload_signing_enabled": False}))
    with httpx.stream("GET", url, headers={"authorization": authorization}, timeout=60) as response:
        reader = io.BufferedReader(Stream(response.raise_for_status()), PART_SIZE)
        s3.upload_fileobj(reader, BUCKET, key, Config=TransferConfig(multipart_chunksize=PART_SIZE))


if __name__ == "__main__":
    if sys.argv[1:2] == ["copy"]:
        copy(*sys.argv[2:5])
    else:
        work()
