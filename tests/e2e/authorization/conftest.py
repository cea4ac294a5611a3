"""The matrix's principals and things on the deployed stack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from local.stack_file import Stack
from tests.e2e.authorization.asking import AT_ONCE
from tests.e2e.authorization.cast import Cast
from tests.e2e.authorization.deployment import trusting
from tests.e2e.authorization.identity_provider import running_provider

if TYPE_CHECKING:
    from boto3.session import Session


@pytest.fixture(scope="session")
def cast(stack: Stack, aws: Session) -> Iterator[Cast]:
    """Everyone and everything that the matrix is about."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    with (
        running_provider() as provider,
        trusting(aws, stack.outputs["AuthorizerFunctionName"], provider),
        httpx.Client(base_url=stack.api_url, timeout=60, limits=limits) as http,
    ):
        cast = Cast(stack, aws, provider, http)
        cast.set_up()
        yield cast
        cast.tear_down()
