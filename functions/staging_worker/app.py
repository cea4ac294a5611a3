"""The staging worker: plans jobs, transfers assets, publishes items; fed by the transfer queue."""

from __future__ import annotations

import os

from rs_server.staging.lambda_worker import worker_handler
from rs_server.staging.wiring import connect_worker

handler = worker_handler(lambda: connect_worker(os.environ))
