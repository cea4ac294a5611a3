"""The catalog as an ASGI application, put together from stac-fastapi's parts and our clients."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from stac_fastapi.api.app import StacApi
from stac_fastapi.types.config import ApiSettings

from rs_server.catalog.api.context import caller_dependency
from rs_server.catalog.api.core import CatalogClient
from rs_server.catalog.api.downloads import downloads
from rs_server.catalog.api.extensions import Extensions
from rs_server.catalog.api.landing import DESCRIPTION, TITLE
from rs_server.catalog.api.uploads import uploads
from rs_server.catalog.caller import Grants
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.stored import STAC_VERSION
from rs_server.http import add_error_handlers
from rs_server.storage.presigning import Presigner

VERSION = "0.1.0"


class CatalogApi(StacApi):
    """stac-fastapi's API without its health routes: the portal answers for the health of all services."""

    def add_health_check(self) -> None:
        """See class."""


def create_app(catalog: Catalog, grants: Grants, presigner: Presigner) -> FastAPI:
    """The application, which serves its routes without a prefix.

    Every route has the dependency that finds the caller's rights. The clients take the caller from there, so a route
    without it answers nothing.
    """
    settings = ApiSettings.model_construct()  # nothing from the environment: what matters is given here
    extensions = Extensions(catalog, settings)
    dependency = Depends(caller_dependency(grants))
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        openapi_url="/api",
        docs_url="/api.html",
        redoc_url=None,
        redirect_slashes=False,  # a redirect loses the caller's key
    )
    app.include_router(downloads(catalog, presigner), dependencies=[dependency])
    app.include_router(uploads(catalog, presigner), dependencies=[dependency])
    api = CatalogApi(
        settings=settings,
        title=TITLE,
        description=DESCRIPTION,
        api_version=VERSION,
        app=app,
        client=CatalogClient(catalog=catalog, items=extensions.item_reader, collections=extensions.collection_reader),
        extensions=extensions.all,
        stac_version=STAC_VERSION,
        exceptions={},
        middlewares=[],
        **extensions.request_models(),
    )
    api.add_route_dependencies([{"path": "*", "method": "*"}], [dependency])
    add_error_handlers(app)
    return app
