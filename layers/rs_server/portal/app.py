"""The portal as an application. Everything here is public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse

from rs_server.http import add_error_handlers
from rs_server.portal.readiness import Readiness
from rs_server.stac.links import HTML, link

STAC_VERSION = "1.1.0"
CONFORMANCE_CLASSES = ("https://api.stacspec.org/v1.0.0/core",)
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
TITLE = "rs-server"
DESCRIPTION = "Catalog of our own data, search over Copernicus ground stations, and staging from these into that."


@dataclass(frozen=True, slots=True)
class Service:
    """A STAC API under this one."""

    name: str
    """Its path below the base URL."""
    title: str


def create_app(services: Sequence[Service], readiness: Readiness) -> FastAPI:
    """Routes `/`, `/conformance`, `/health`, `/ready`, `/openapi.json` and `/docs`."""
    app = FastAPI(
        title=TITLE, description=DESCRIPTION, version="1.0.0", docs_url=None, redoc_url=None, openapi_url=None
    )

    @app.get("/")
    async def root(request: Request) -> dict[str, Any]:
        """The root STAC catalog, with a child for each service."""
        return root_catalog(_base_url(request), services)

    @app.get("/conformance")
    async def conformance() -> dict[str, Any]:
        """What the root catalog conforms to; each service says the same of itself."""
        return {"conformsTo": list(CONFORMANCE_CLASSES)}

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Whether the portal is alive. It asks nobody else."""
        return {"status": "alive"}

    @app.get("/ready", responses={503: {"description": "Some service does not answer; `problems` says which."}})
    async def ready(request: Request) -> JSONResponse:
        """Whether all services answer, and what is wrong where one does not."""
        problems = await readiness.problems(_base_url(request))
        status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
        return JSONResponse({"ready": not problems, "problems": problems}, status)

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> JSONResponse:
        return JSONResponse(app.openapi() | {"servers": [{"url": _base_url(request)}]}, media_type=OPENAPI)

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return get_swagger_ui_html(openapi_url=f"{_base_url(request)}/openapi.json", title=TITLE)

    add_error_handlers(app)
    return app


def root_catalog(base_url: str, services: Sequence[Service]) -> dict[str, Any]:
    """The landing page of the whole: a STAC catalog whose children are the services."""
    children = [link("child", f"{base_url}/{service.name}", title=service.title) for service in services]
    return {
        "type": "Catalog",
        "stac_version": STAC_VERSION,
        "id": "rs-server",
        "title": TITLE,
        "description": DESCRIPTION,
        "conformsTo": list(CONFORMANCE_CLASSES),
        "links": [
            link("self", f"{base_url}/", title="This catalog"),
            link("root", f"{base_url}/", title=TITLE),
            link("conformance", f"{base_url}/conformance", title="Conformance classes"),
            link("service-desc", f"{base_url}/openapi.json", OPENAPI, "API description"),
            link("service-doc", f"{base_url}/docs", HTML, "API documentation"),
            *children,
        ],
    }


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")
