"""Gives the deployed stack an identity provider for a while, as an operator does: parameters, then a new version."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local.deploy import STACK_NAME
from tests.e2e.authorization.identity_provider import AUDIENCE, IdentityProvider

if TYPE_CHECKING:
    from boto3.session import Session

ALIAS = "live"
LONGEST_REQUEST = 10
"""Seconds: the authorizer's own limit. The emulator ends the processes of a version that is deleted, whatever they do,
and other tests' requests with them."""


@contextmanager
def trusting(aws: Session, function: str, provider: IdentityProvider) -> Iterator[None]:
    """While this lasts, the authorizer believes tokens of `provider`."""
    functions = aws.client("lambda")
    before = functions.get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"]
    _update(aws, {"OidcIssuer": provider.issuer, "OidcAudience": AUDIENCE})
    version = functions.publish_version(FunctionName=function)["Version"]
    functions.update_alias(FunctionName=function, Name=ALIAS, FunctionVersion=version)
    try:
        yield
    finally:
        functions.update_alias(FunctionName=function, Name=ALIAS, FunctionVersion=before)
        time.sleep(LONGEST_REQUEST)
        functions.delete_function(FunctionName=function, Qualifier=version)
        _update(aws, {"OidcIssuer": "", "OidcAudience": ""})


def _update(aws: Session, changes: Mapping[str, str]) -> None:
    stacks = aws.client("cloudformation")
    known = stacks.describe_stacks(StackName=STACK_NAME)["Stacks"][0]["Parameters"]
    if changes.items() <= {each["ParameterKey"]: each["ParameterValue"] for each in known}.items():
        return  # a deployment in between has made it so already
    kept = [
        {"ParameterKey": each["ParameterKey"], "UsePreviousValue": True}
        for each in known
        if each["ParameterKey"] not in changes
    ]
    changed = [{"ParameterKey": name, "ParameterValue": value} for name, value in changes.items()]
    stacks.update_stack(
        StackName=STACK_NAME,
        UsePreviousTemplate=True,
        Parameters=[*kept, *changed],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    stacks.get_waiter("stack_update_complete").wait(StackName=STACK_NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
