"""The client that a command works with, made when it is first needed: who the caller is, and at which server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from rs_client.addresses import base_url_of
from rs_client.client import Client
from rs_client.profiles import Profiles, SystemKeyring, profiles_folder

if TYPE_CHECKING:
    import httpx


def _own_profiles() -> Profiles:
    return Profiles(profiles_folder(), SystemKeyring())


@dataclass(frozen=True, slots=True)
class Connection:
    """What was said of where to connect, and as whom."""

    url: str = ""
    key: str = ""
    profile: str = ""
    transport: httpx.BaseTransport | None = None
    """How requests travel, when not over the network."""
    profiles: Profiles = field(default_factory=_own_profiles)

    def client(self) -> Client:
        """A client; what was not said comes from the profile. A profile's key only goes to the profile's server."""
        url, key, expires = self.url, self.key, ""
        found = None if url and key else self.profiles.find(self.profile)
        if found is not None:
            url = url or found.url
            if not key and base_url_of(url) == found.url:
                key, expires = found.key, found.expires
        return Client(url, key, expires=expires, transport=self.transport)


def connection_of(ctx: typer.Context) -> Connection:
    """What was said of the connection."""
    connection = ctx.find_object(Connection)
    assert connection
    return connection


def client_of(ctx: typer.Context) -> Client:
    """The client for this command; closed when the command ends."""
    return ctx.with_resource(connection_of(ctx).client())
