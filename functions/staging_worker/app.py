"""The staging worker: plans jobs, transfers assets, publishes items, and looks after what stands still."""

from __future__ import annotations

import asyncio
import os

from rs_server.staging.lambda_worker import worker_handler
from rs_server.staging.worker_wiring import connect_worker

handler = worker_handler(lambda: connect_worker(os.environ), asyncio.Runner())
"""Messages come from the transfer queue; a schedule calls it without any."""
