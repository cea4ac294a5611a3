"""The stations' clients from settings: what search and staging both start from."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import boto3
import httpx
from botocore.config import Config

from rs_server.settings import StationSettings
from rs_server.stations.credentials import StationSecrets
from rs_server.stations.odata.client import Decode
from rs_server.stations.odata.gate import TableGate
from rs_server.stations.odata.state import StationState
from rs_server.stations.odata.stations import StationClients, new_http_client
from rs_server.stations.odata.token_store import TableTokenStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

StateOf = Callable[[str], StationState]
"""Gives the state of a station such as `cadip:mti`."""

PATIENCE = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 3, "mode": "standard"})


def station_states(settings: StationSettings) -> StateOf:
    """The shared state of stations, by their ids; nothing is connected before it is used."""

    @cache
    def dynamodb() -> DynamoDBClient:
        return boto3.client("dynamodb", config=PATIENCE)

    return lambda station: StationState(dynamodb(), settings.stations_table, station)


def connect_stations(
    settings: StationSettings,
    decode: Decode = json.loads,
    transport: httpx.AsyncBaseTransport | None = None,
) -> StationClients:
    """The clients of all stations, which read JSON with `decode`; nothing is connected before the first call.

    `transport` is what requests go through: httpx's own, or ThreadedTransport where bodies are large.
    """

    def secrets_manager() -> SecretsManagerClient:
        return boto3.client("secretsmanager", config=PATIENCE)

    state_of = station_states(settings)
    return StationClients(
        StationSecrets(secrets_manager, settings.station_secret_prefix),
        lambda station: TableTokenStore(state_of(station)),
        new_http_client(transport),
        lambda station: TableGate(state_of(station.id), station.limits),
        decode=decode,
    )
