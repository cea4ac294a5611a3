"""The client that a command works with, made when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import typer

from rs_client.client import Client


@dataclass(frozen=True, slots=True)
class Connection:
    """Where to connect, and as whom."""

    url: str = ""
    key: str = ""
    transport: httpx.BaseTransport | None = None
    """How requests travel, when not over the network."""


def client_of(ctx: typer.Context) -> Client:
    """The client for this command; closed when the command ends."""
    connection = ctx.find_object(Connection)
    assert connection
    return ctx.with_resource(Client(connection.url, connection.key, transport=connection.transport))
