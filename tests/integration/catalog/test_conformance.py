"""stac-api-validator over HTTP, for every class that it knows and that the catalog advertises."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Iterator
from importlib.resources import files
from typing import Any

import httpx
import pytest
import responses
import uvicorn
from stac_api_validator import validations
from stac_api_validator.validations import QueryConfig, validate_api

from rs_server.access.principals import Principal
from rs_server.catalog.app import create_app
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.http import serve
from rs_server.storage.presigning import Presigner

from .conftest import FixedGrants, MemoryObjects, collection, item, make

CLASSES = ["core", "collections", "features", "item-search", "item-search#filter", "transaction"]
CLASSES += [f"{service}#{name}" for service in ("item-search", "features") for name in ("sort", "fields", "query")]
KEY = {"x-api-key": "alice's"}
PREFER = {"prefer": "return=minimal"}
"""The validator knows no other answer to PUT and PATCH than one without the item, which the extension leaves open."""
WRITTEN = "S2A_47XNF_20230423_0_L2A"
"""The item that the validator writes, which it deletes first."""
WORLD = {"type": "Polygon", "coordinates": [[[-179, -89], [179, -89], [179, 89], [-179, 89], [-179, -89]]]}
QUERY = QueryConfig(
    query_comparison_field="eo:cloud_cover",
    query_eq_value="10",
    query_neq_value="10",
    query_lt_value="20",
    query_lte_value="20",
    query_gt_value="5",
    query_gte_value="5",
    query_substring_field="title",
    query_starts_with_value="Scene",
    query_ends_with_value="7",
    query_contains_value="cene",
    query_in_field="instruments",  # the validator reads the property as a list
    query_in_values="c-sar,sral",
)


@pytest.fixture
async def address(engine: Engine, indices: Indices, presigner: Presigner) -> AsyncIterator[str]:
    """Where alice's catalog is served."""
    listener = socket.create_server(("127.0.0.1", 0))
    root = f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def base_url() -> str:
        return root

    app = create_app(Catalog(engine, indices, MemoryObjects()), FixedGrants(), presigner)
    service = serve(app, base_url, "/catalog")

    async def gateway(scope: Any, receive: Any, send: Any) -> None:
        known = (b"x-api-key", KEY["x-api-key"].encode()) in scope["headers"]
        event = {"requestContext": {"authorizer": Principal("alice" if known else "").to_context()}}
        await service({**scope, "aws.event": event}, receive, send)

    server = uvicorn.Server(uvicorn.Config(gateway, lifespan="off", log_level="error"))
    running = asyncio.create_task(server.serve([listener]))
    yield f"{root}/catalog"
    server.should_exit = True
    await running


@pytest.fixture
def schemas() -> Iterator[None]:
    """Answers requests for STAC's schemas with those that pystac carries, and lets those to ourselves pass."""
    folder = files("pystac.validation.jsonschemas")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_passthru("http://127.0.0.1")
        for place in (folder / "stac-spec" / "v1.1.0", folder / "geojson"):
            for file in place.iterdir():
                if file.name.endswith(".json"):
                    schema = json.loads(file.read_text())
                    mock.get(schema["$id"].removesuffix("#").replace("commonjson", "common.json"), json=schema)
        yield


@pytest.mark.filterwarnings("default")  # the validator uses what its own libraries advise against
async def test_every_class_that_is_advertised_passes(address: str, schemas: None) -> None:
    async with httpx.AsyncClient(base_url=address, headers=KEY, timeout=60) as alice:
        new = [
            item(
                f"item-{number}",
                assets={"data": {"href": "https://example.com/data.tif"}},
                title=f"Scene {number}",
                instruments=["c-sar" if number % 2 else "sral"],
                **{"eo:cloud_cover": number},
            )
            for number in range(30)
        ]
        await make(alice, "s1", new)
        await make(alice, "written", [item(WRITTEN)])
        assert (await alice.post("/collections", json=collection("s2"))).status_code == 201
        advertised = (await alice.get("/conformance")).json()["conformsTo"]
    assert known_and_advertised(advertised) == {regex_of(name).pattern for name in CLASSES}
    _, errors = await asyncio.to_thread(
        validate_api,
        root_url=address,
        ccs_to_validate=CLASSES,
        collection="alice:s1",
        geometry=json.dumps(WORLD),
        auth_bearer_token=None,
        auth_query_parameter=None,
        fields_nested_property="properties.eo:cloud_cover",
        validate_pagination=True,
        query_config=QUERY,
        transaction_collection="alice:written",
        headers=KEY | PREFER,
        open_assets_urls=False,
    )
    assert list(errors) == []


def regex_of(name: str) -> re.Pattern[str]:
    """The validator's pattern of a class."""
    service, _, extension = ("features#" * (name == "transaction") + name).replace("-", "_").partition("#")
    found = getattr(validations, "_".join(filter(None, ("cc", service, extension, "regex"))))
    assert isinstance(found, re.Pattern)
    return found


def known_and_advertised(advertised: list[str]) -> set[str]:
    """The validator's patterns of all classes that it can look at and that are advertised."""
    names = {name for name in vars(validations) if re.fullmatch(r"cc_\w+_regex", name)}
    patterns = [getattr(validations, name) for name in names]
    return {pattern.pattern for pattern in patterns if any(map(pattern.fullmatch, advertised))}
