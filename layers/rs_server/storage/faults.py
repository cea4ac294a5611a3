"""What a failed call to AWS means to our caller: one place that knows botocore's exceptions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rs_server.errors import BackendUnavailable, NotFound
from rs_server.telemetry import logger

ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
CONDITIONS = frozenset({"412", "409", "PreconditionFailed", "ConditionalRequestConflict"})


class UploadGone(Exception):
    """A multipart upload is not open: it was completed, or aborted."""


def code_of(error: ClientError) -> str:
    """The service's own code of a refused call, such as NoSuchUpload."""
    return str(error.response.get("Error", {}).get("Code", ""))


async def call[Answer](operation: Callable[..., Answer], /, **arguments: Any) -> Answer:
    """Run one blocking boto3 call in a thread.

    Raises NotFound for what is not there, UploadGone for an upload that is not open, botocore's ClientError for a
    condition that does not hold (the caller set it and knows what it means), BackendUnavailable for everything else.
    """
    try:
        return await asyncio.to_thread(operation, **arguments)
    except ClientError as error:
        code = code_of(error)
        if code == "NoSuchUpload":
            raise UploadGone from error
        if code in ABSENT:
            raise NotFound(f"The storage does not have it ({code}).") from error
        if code in CONDITIONS:
            raise
        logger.error("storage refused a call", operation=error.operation_name, code=code)
        raise BackendUnavailable(f"The storage refused {error.operation_name} ({code}). Try again later.") from error
    except BotoCoreError as error:
        raise BackendUnavailable("The storage is out of reach. Try again later.") from error
