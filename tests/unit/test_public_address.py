"""A service sees itself at its public address, whatever the request claims."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from rs_server.http import serve


async def base_url() -> str:
    return "https://api.example/v1"


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()

    @app.get("/")
    @app.get("/collections")
    async def seen(request: Request) -> dict[str, str]:
        return {"url": str(request.url), "base": str(request.base_url)}

    transport = httpx.ASGITransport(serve(app, base_url, "/catalog"))
    return httpx.AsyncClient(transport=transport, base_url="http://internal:4566")


@pytest.mark.parametrize("path", ["/catalog", "/catalog/"])
async def test_the_service_itself_answers_with_or_without_a_slash(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.json() == {"url": "https://api.example/v1/catalog/", "base": "https://api.example/v1/catalog/"}


async def test_headers_cannot_move_it(client: httpx.AsyncClient) -> None:
    claims = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    answer = await client.get("/catalog/collections", headers=claims)
    assert answer.json()["url"] == "https://api.example/v1/catalog/collections"
