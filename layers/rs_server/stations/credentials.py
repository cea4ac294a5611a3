"""What a station knows us by, from Secrets Manager; read once per container and never shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rs_server.errors import BackendUnavailable
from rs_server.stations.profiles.model import Station

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Login and client of one station. `repr` shows none of it."""

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    service_root: str = ""
    """Where set, it replaces the profile's address (another port on a laptop, a station that moved)."""
    token_url: str = ""
    redirect_hosts: tuple[str, ...] = ()
    """Hosts to which redirects may lead without the token, besides the profile's."""
    trusted_hosts: tuple[str, ...] = ()
    """Hosts to which redirects may take the token, besides the profile's."""

    def located(self, station: Station) -> Station:
        """`station` at the addresses that the secret gives, where it gives any."""
        root = self.service_root or station.service_root
        authentication = station.authentication._replace(token_url=self.token_url or station.authentication.token_url)
        return station._replace(
            service_root=root.rstrip("/") + "/",
            authentication=authentication,
            redirect_hosts=(*station.redirect_hosts, *self.redirect_hosts),
            trusted_hosts=(*station.trusted_hosts, *self.trusted_hosts),
        )


class StationSecrets:
    """Reads the secrets `{prefix}{service}/{station}` (JSON objects with the fields of Credentials)."""

    def __init__(self, make_client: Callable[[], SecretsManagerClient], prefix: str) -> None:
        self.make_client = make_client
        self.prefix = prefix
        self._known: dict[str, Credentials] = {}

    async def of(self, station: Station) -> Credentials:
        """The credentials of `station`; raises BackendUnavailable where there are none or they cannot be read."""
        if station.id not in self._known:
            self._known[station.id] = await asyncio.to_thread(self._read, station)
        return self._known[station.id]

    def _read(self, station: Station) -> Credentials:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self.make_client().get_secret_value(SecretId=f"{self.prefix}{station.service}/{station.name}")
            known = json.loads(answer["SecretString"])
            hosts = {name: tuple(known.get(name, ())) for name in ("redirect_hosts", "trusted_hosts")}
            return Credentials(**known | hosts)
        except (BotoCoreError, ClientError) as error:
            reason = f"The credentials of station {station.id} are not at hand. The operator must set them."
            raise BackendUnavailable(reason) from error
        except (AttributeError, KeyError, TypeError, ValueError):
            reason = f"The secret of station {station.id} is not in the expected form. The operator must correct it."
            raise BackendUnavailable(reason) from None
