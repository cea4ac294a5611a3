"""`count=true` on a search: the stations are asked how many items there are in all, which some are slow to tell."""

# No `from __future__ import annotations`: FastAPI reads the annotations of a class that is made of this one elsewhere.

from typing import Annotated

import attr
from fastapi import FastAPI, Query
from pydantic import BaseModel, Field
from stac_fastapi.types.extension import ApiExtension
from stac_fastapi.types.search import APIRequest

DESCRIPTION = (
    "With `true` the first page has `numberMatched`, where the stations can count what matches: they understand all of "
    "the filter, are not asked window by window of time, and have no products in common. The number is that of the "
    "moment; it is not there on later pages."
)


@attr.s
class CountQuery(APIRequest):
    """`count` in a query string."""

    count: Annotated[bool | None, Query(description=DESCRIPTION)] = attr.ib(default=None)


class CountBody(BaseModel):
    """`count` in the body of a search."""

    count: bool | None = Field(None, description=DESCRIPTION)


class CountExtension(ApiExtension):
    """Adds the parameter; no conformance class has one for this."""

    GET = CountQuery
    POST = CountBody

    def register(self, app: FastAPI) -> None:
        """There is no route of its own."""
