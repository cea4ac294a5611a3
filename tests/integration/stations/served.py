"""A station service on a port of its own, for clients that speak HTTP only."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from rs_server.access.principals import Principal
from rs_server.access.rights import Rights
from rs_server.http import serve
from rs_server.stations.api.app import create_app
from tests.integration.stations.simulated import ADMIN, Simulated


class Grants:
    """Everyone is an administrator."""

    async def rights_of(self, principal: Principal) -> Rights:
        return ADMIN


@contextmanager
def served(simulated: Simulated) -> Iterator[str]:
    """The address of the service, while the block lasts."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"

        async def base_url() -> str:
            return address

        app = serve(create_app(simulated.search, Grants()), base_url, f"/{simulated.service}")
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"{address}/{simulated.service}"
        finally:
            server.should_exit = True
            thread.join()
