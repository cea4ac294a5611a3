"""Clients of AWS for use within `mock_aws`, each made once: reading what a service can do takes longer than a test."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config


@cache
def client(service: str, region: str = "us-east-1") -> Any:
    """A client of a service in a region, which signs as our functions do."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # any of them
        region_name=region,
        aws_access_key_id="id",
        aws_secret_access_key="secret",
        config=Config(signature_version="s3v4") if service == "s3" else None,
    )
