"""The simulated stations of the local stack, and the secrets through which the functions find them."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

from local.looking import look
from local.options import Ports
from local.parts import Part

SECRET_PREFIX = "rs-server/stations/"


@dataclass(frozen=True, slots=True)
class Station:
    """One simulated station."""

    service: str
    name: str
    port: int
    root: str
    """Path of its OData service."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://localhost:{self.port}"

    @property
    def secret_name(self) -> str:
        """Name of the secret with its credentials."""
        return f"{SECRET_PREFIX}{self.service}/{self.name}"

    def secret(self) -> str:
        """Its credentials, and the URLs at which it is found here instead of those of its profile."""
        return json.dumps(
            {
                "username": "rs",
                "password": "rs-password",
                "client_id": "rs-client",
                "client_secret": "rs-client-secret",
                "service_root": self.url + self.root,
                "token_url": f"{self.url}/oauth2/token",
            }
        )

    def is_ready(self) -> bool:
        """Whether it answers."""
        answer = look(f"{self.url}/_sim/health")
        return answer is not None and answer.is_success


def stations(ports: Ports) -> list[Station]:
    """The stations that the local stack simulates."""
    return [
        Station("cadip", "mti", ports.cadip, "/cadip/1.0/odata/v1/"),
        Station("auxip", "adgs", ports.auxip, "/odata/v1/"),
        Station("prip", "s1a", ports.prip, "/odata/v1/"),
        Station("lta", "acri", ports.lta, "/odata/v1/"),
    ]


def part(station: Station) -> Part:
    """A simulated station as a part of the stack."""
    command = (sys.executable, "-u", "-m", "simulators", station.service, "--port", str(station.port))
    return Part(
        name=station.service,
        port=station.port,
        command=(*command, "--profile", station.name),
        ready=station.is_ready,
    )


def put_secrets(secrets_manager: Any, stations: list[Station]) -> None:
    """Write the secret of each station, new or again."""
    for station in stations:
        value = station.secret()
        try:
            secrets_manager.create_secret(Name=station.secret_name, SecretString=value)
        except secrets_manager.exceptions.ResourceExistsException:
            secrets_manager.put_secret_value(SecretId=station.secret_name, SecretString=value)
