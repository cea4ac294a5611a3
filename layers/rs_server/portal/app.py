"""The portal as an application. Everything here is public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from rs_server.http import add_error_handlers
from rs_server.portal import pages
from rs_server.portal.descriptions import Descriptions
from rs_server.portal.readiness import Readiness
from rs_server.stac.links import HTML, link

STAC_VERSION = "1.1.0"
PROCESSES = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
CONFORMANCE_CLASSES = (
    "https://api.stacspec.org/v1.0.0/core",
    *(
        PROCESSES + name
        for name in ("core", "ogc-process-description", "json", "oas30", "job-list", "callback", "dismiss")
    ),
)
"""What STAC and OGC API Processes 1.0 ask for, the latter of `/processes` and `/jobs`."""
OGC_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
OPENAPI_30 = "application/vnd.oai.openapi+json;version=3.0"
TITLE = "rs-server"
DESCRIPTION = "Catalog of our own data, search over Copernicus ground stations, and staging from these into that."


@dataclass(frozen=True, slots=True)
class Service:
    """A STAC API under this one."""

    name: str
    """Its path below the base URL."""
    title: str


def create_app(
    services: Sequence[Service], readiness: Readiness, descriptions: Descriptions, browser_url: str = ""
) -> FastAPI:
    """Routes `/`, `/conformance`, `/health`, `/ready`, `/openapi.json` and `/docs`.

    `browser_url` is where STAC Browser and our static files are, without a slash at its end; empty for nowhere.
    """
    app = FastAPI(
        title=TITLE, description=DESCRIPTION, version="1.0.0", docs_url=None, redoc_url=None, openapi_url=None
    )
    app.router.redirect_slashes = False  # a redirect loses the caller's key

    @app.get("/", response_model=None)
    async def root(request: Request) -> Response:
        """The root STAC catalog, with a child for each service; a page with the ways in for who asks for HTML."""
        base_url = _base_url(request)
        vary = {"vary": "accept"}
        if HTML in request.headers.get("accept", ""):
            ways = [(service.name, service.title) for service in services]
            page = pages.welcome(TITLE, DESCRIPTION, base_url, browser_url, ways)
            return HTMLResponse(page, headers=vary | {"content-security-policy": pages.POLICY})
        return JSONResponse(root_catalog(base_url, services), headers=vary)

    @app.get("/conformance")
    async def conformance() -> dict[str, Any]:
        """What the root catalog conforms to, processes and jobs included; each STAC service says the same of itself."""
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
        return JSONResponse(await descriptions.merged(app.openapi(), _base_url(request)), media_type=OPENAPI)

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(pages.documentation(TITLE, _base_url(request), browser_url))

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
            link("service-desc", f"{base_url}/processes/openapi.json", OPENAPI_30, "Description of processes and jobs"),
            link("service-doc", f"{base_url}/docs", HTML, "API documentation"),
            link(f"{OGC_REL}conformance", f"{base_url}/conformance", title="Conformance classes"),
            link(f"{OGC_REL}processes", f"{base_url}/processes", title="Processes"),
            link(f"{OGC_REL}job-list", f"{base_url}/jobs", title="Jobs"),
            *children,
        ],
    }


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")
