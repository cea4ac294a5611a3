"""Custom resource of the template: prepares the search engine and makes the first administrator."""

from __future__ import annotations

import asyncio
import os

import boto3

from rs_server.access.first_admin import ensure_first_admin
from rs_server.access.store.table import connect
from rs_server.catalog.deployment import prepare_engine
from rs_server.custom_resource import custom_resource_handler
from rs_server.settings import AccessSettings, SearchEngineSettings, read


def prepare() -> None:
    """Make what the functions expect to find; doing it again changes nothing."""
    asyncio.run(prepare_engine(read(SearchEngineSettings, os.environ)))
    secrets, name = boto3.client("secretsmanager"), os.environ["ADMIN_KEY_SECRET"]
    known = secrets.get_secret_value(SecretId=name)["SecretString"]
    table = connect(read(AccessSettings, os.environ).access_table)
    if key := ensure_first_admin(table, known):
        secrets.put_secret_value(SecretId=name, SecretString=key)


handler = custom_resource_handler(prepare)
