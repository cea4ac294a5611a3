"""Posting a notice to a client."""

from __future__ import annotations

import asyncio
import logging

import httpx

from simulators.notices import Notice

ATTEMPTS = 3
TIMEOUT_SECONDS = 10

logger = logging.getLogger(__name__)


async def push(notice: Notice) -> bool:
    """Post a notice, up to three times; False where the endpoint never takes it, and so misses it."""
    credentials = httpx.BasicAuth(notice.username, notice.password or "") if notice.username else None
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, auth=credentials) as client:
        for attempt in range(ATTEMPTS):
            try:
                answer = await client.post(notice.endpoint, json=notice.body)
            except httpx.HTTPError as error:
                logger.warning("No push to %s: %s", notice.endpoint, error)
            else:
                if answer.is_success:
                    return True
                logger.warning("The push to %s was answered %s", notice.endpoint, answer.status_code)
            await asyncio.sleep(2**attempt)
    return False
