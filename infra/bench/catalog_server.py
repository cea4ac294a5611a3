"""Our catalog as a plain web server: the application that the function serves, asked by one principal."""

from __future__ import annotations

import os

import boto3
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.reader import NoObjects, ReadGrants
from rs_server.access.principals import Principal
from rs_server.catalog.app import create_app as create_catalog
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of
from rs_server.catalog.engine.indices import Indices
from rs_server.collector import spare_what_is_loaded
from rs_server.http import serve
from rs_server.settings import SearchEngineSettings, read
from rs_server.storage.presigning import Presigner


class AskedBy:
    """Makes every request that of one principal, as the gateway's authorizer would."""

    def __init__(self, app: ASGIApp, principal: Principal) -> None:
        self.app = app
        self.event = {"requestContext": {"authorizer": principal.to_context()}}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the event beside the request."""
        await self.app({**scope, "aws.event": self.event}, receive, send)


def create_app() -> ASGIApp:
    """The catalog on the engine that the environment names, for the collections in BENCH_COLLECTIONS."""
    engine = engine_of(read(SearchEngineSettings, os.environ))
    catalog = Catalog(engine, Indices(), NoObjects())
    s3 = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="bench", aws_secret_access_key="bench")
    grants = ReadGrants(os.environ["BENCH_COLLECTIONS"].split(","))
    app = create_catalog(catalog, grants, Presigner(s3, NoObjects.bucket, 60))

    async def base_url() -> str:
        return os.environ["BENCH_URL"]

    spare_what_is_loaded()
    return AskedBy(serve(app, base_url), Principal(login=os.environ["BENCH_LOGIN"]))
