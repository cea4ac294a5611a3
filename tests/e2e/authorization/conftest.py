"""The matrix's principals and things on the deployed stack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from local.stack_file import Stack
from tests.e2e.authorization.cast import Cast
from tests.e2e.authorization.deployment import trusting
from tests.e2e.authorization.functions import running_functions
from tests.e2e.authorization.gateway import Gateway
from tests.e2e.authorization.identity_provider import running_provider

if TYPE_CHECKING:
    from boto3.session import Session


@pytest.fixture(scope="module")
def cast(stack: Stack, aws: Session) -> Iterator[Cast]:
    """Everyone and everything that the matrix is about."""
    with (
        running_provider() as provider,
        trusting(aws, stack.outputs["AuthorizerFunctionName"], provider),
        running_functions(aws, stack.aws_endpoint_url) as call,
        httpx.Client(base_url=stack.api_url, transport=Gateway(aws, stack.api_url, call)) as http,
    ):
        cast = Cast(stack, aws, provider, http)
        cast.set_up()
        yield cast
        cast.tear_down()
