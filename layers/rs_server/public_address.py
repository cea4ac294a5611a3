"""The API's public base URL, from the parameter that the deployment writes once the API exists."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rs_server.errors import BackendUnavailable
from rs_server.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


def parameter_store() -> SSMClient:
    """A client of SSM that gives up well within an HTTP request's time."""
    config = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 3, "mode": "standard"})
    return boto3.client("ssm", config=config)


class BaseUrlParameter:
    """Reads the base URL at the first request and keeps it: `serve(app, BaseUrlParameter(name), "/prefix")`.

    Never at import, since a SnapStart snapshot may be older than the parameter. Requests at the same time share one
    read; one that fails is tried again by the next request. Raises BackendUnavailable.
    """

    def __init__(self, name: str, make_client: Callable[[], SSMClient] = parameter_store) -> None:
        self.name = name
        self.make_client = make_client
        self._value = ""
        self._reading = threading.Lock()

    async def __call__(self) -> str:
        """The base URL, without a slash at its end."""
        return self._value or await asyncio.to_thread(self._read)

    def _read(self) -> str:
        with self._reading:
            if not self._value:
                self._value = self._ask()
            return self._value

    def _ask(self) -> str:
        try:
            answer = self.make_client().get_parameter(Name=self.name)
        except (BotoCoreError, ClientError) as error:
            logger.error("base URL cannot be read", parameter=self.name, error=str(error))
            raise BackendUnavailable("The service does not know its address yet. Try again in a moment.") from error
        return answer["Parameter"]["Value"].rstrip("/")
