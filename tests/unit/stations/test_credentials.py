from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from rs_server.errors import BackendUnavailable
from rs_server.stations.credentials import Credentials, StationSecrets
from tests import aws
from tests.unit.stations.odata.doubles import ROOT, TOKEN_URL, station

KNOWN = {"username": "rs", "password": "s3cret", "client_id": "client", "client_secret": "cl1ent"}


@pytest.fixture
def secrets_manager() -> Iterator[Any]:
    with mock_aws():
        yield aws.client("secretsmanager")


def put(secrets_manager: Any, value: Any) -> StationSecrets:
    text = value if isinstance(value, str) else json.dumps(value)
    secrets_manager.create_secret(Name="rs-server/stations/cadip/mti", SecretString=text)
    return StationSecrets(lambda: secrets_manager, "rs-server/stations/")


async def test_the_credentials_of_a_station(secrets_manager: Any) -> None:
    assert await put(secrets_manager, KNOWN).of(station()) == Credentials(**KNOWN)


async def test_they_are_read_once(secrets_manager: Any) -> None:
    secrets = put(secrets_manager, KNOWN)
    await secrets.of(station())
    secrets_manager.delete_secret(SecretId="rs-server/stations/cadip/mti", ForceDeleteWithoutRecovery=True)
    assert (await secrets.of(station())).username == "rs"


async def test_addresses_of_the_secret_replace_those_of_the_profile(secrets_manager: Any) -> None:
    moved = KNOWN | {"service_root": "http://localhost:9001/v1", "token_url": "http://localhost:9001/t"}
    credentials = await put(secrets_manager, moved | {"trusted_hosts": ["127.0.0.1"]}).of(station())
    located = credentials.located(station(trusted_hosts=("data.test",)))
    assert located.service_root == "http://localhost:9001/v1/"
    assert located.authentication.token_url == "http://localhost:9001/t"
    assert located.trusted_hosts == ("data.test", "127.0.0.1")
    plain = Credentials(**KNOWN).located(station())
    assert (plain.service_root, plain.authentication.token_url) == (ROOT, TOKEN_URL)


@pytest.mark.parametrize("value", ["{", "[]", '{"user": "rs"}', '"rs"', "5"])
async def test_a_secret_that_is_none_says_nothing_of_itself(secrets_manager: Any, value: str) -> None:
    with pytest.raises(BackendUnavailable, match="secret of station cadip:mti is not in the expected form") as caught:
        await put(secrets_manager, value).of(station())
    assert value not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_station_without_a_secret(secrets_manager: Any) -> None:
    secrets = StationSecrets(lambda: secrets_manager, "elsewhere/")
    with pytest.raises(BackendUnavailable, match="credentials of station cadip:mti are not at hand"):
        await secrets.of(station())


def test_credentials_are_not_shown() -> None:
    assert "s3cret" not in repr(Credentials(**KNOWN))
    assert "cl1ent" not in repr(Credentials(**KNOWN))
