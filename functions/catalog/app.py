"""The catalog service: a STAC API of its users' own data under /catalog."""

from __future__ import annotations

import os

import boto3
from botocore.config import Config

from rs_server.access.audited import Audited
from rs_server.access.grants import GrantReader
from rs_server.catalog.app import create_app
from rs_server.catalog.bucket import Bucket
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of
from rs_server.catalog.engine.indices import Indices
from rs_server.collector import spare_what_is_loaded
from rs_server.http import lambda_handler, serve
from rs_server.public_address import BaseUrlParameter
from rs_server.settings import AccessSettings, PublicAddressSettings, SearchEngineSettings, StorageSettings, read
from rs_server.storage.presigning import Presigner

storage = read(StorageSettings, os.environ)
s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
catalog = Catalog(engine_of(read(SearchEngineSettings, os.environ)), Indices(), Bucket(s3, storage.bucket))
access = read(AccessSettings, os.environ)
grants = GrantReader.of_table(access.access_table)
base_url = BaseUrlParameter(read(PublicAddressSettings, os.environ).base_url_parameter)
presigner = Presigner(s3, storage.bucket, storage.presigned_seconds)

app = Audited.by_table(create_app(catalog, grants, presigner), access.access_table)

handler = lambda_handler(serve(app, base_url, "/catalog"))
spare_what_is_loaded()
