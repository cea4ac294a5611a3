"""Structured logs and metrics of the functions. No secret, key, token or presigned URL is ever logged."""

from __future__ import annotations

from aws_lambda_powertools import Logger

logger = Logger(service="rs-server", use_rfc3339=True)
"""The one logger: JSON lines; the level comes from POWERTOOLS_LOG_LEVEL."""
