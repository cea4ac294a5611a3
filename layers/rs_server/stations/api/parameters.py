"""The parameters of a search, from a query string, a body or a route, in the one form that the search reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field, field_validator, model_validator
from stac_fastapi.types.search import BaseSearchPostRequest
from stac_pydantic.api.extensions.sort import SortDirections, SortExtension

from rs_server.errors import InvalidRequest

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


class SearchBody(BaseSearchPostRequest):
    """The body of a search: a JSON object, which the base takes for granted."""

    @model_validator(mode="before")
    @classmethod
    def validate_spatial(cls, values: Any) -> Any:
        """One area at most."""
        if not isinstance(values, dict):
            raise ValueError("The body must be a JSON object.")  # noqa: TRY004  # as pydantic wants it
        if values.get("intersects") is not None and values.get("bbox") is not None:
            raise ValueError("bbox and intersects cannot be given together.")
        return values

    @field_validator("collections", "ids", mode="before")
    @classmethod
    def listed(cls, value: Any) -> Any:
        """A list, or as some clients write it a text with commas, as in a query string."""
        return value.split(",") if isinstance(value, str) else value


class SortKey(SortExtension):
    """One key of `sortby`, ascending unless it says otherwise (sort extension v1.1.0)."""

    direction: SortDirections = SortDirections.asc


class SortBody(BaseModel):
    """`sortby` in the body of a search."""

    sortby: list[SortKey] | None = Field(None, description="Properties to sort by, each with a direction.")


def from_body(body: BaseModel) -> dict[str, Any]:
    """The parameters of `POST /search`: what the caller sent, checked by the model."""
    sent = body.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if "fields" in sent and sent["fields"] is None:
        raise InvalidRequest("fields must be an object with include and exclude, or not be there.")
    sent = {name: value for name, value in sent.items() if value is not None}
    _check_crs(sent.pop("filter-crs", None))
    return sent


def from_query(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a GET, of which some are JSON in a query string."""
    sent = {name: value for name, value in arguments.items() if value is not None and name != "request"}
    _check_crs(sent.pop("filter_crs", None))
    for name, parameter in (("filter_expr", "filter"), ("filter_lang", "filter-lang")):
        if name in sent:
            sent[parameter] = sent.pop(name)
    if "filter" not in sent:
        sent.pop("filter-lang", None)
    for name in ("intersects", "query"):
        if isinstance(sent.get(name), str):
            sent[name] = _decoded(name, sent[name])
    if "bbox" in sent:
        sent["bbox"] = list(sent["bbox"])
    return sent


def _decoded(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidRequest(f"{name} must be JSON.") from None


def _check_crs(crs: str | None) -> None:
    if crs not in {None, CRS84}:
        raise InvalidRequest(f"filter-crs must be {CRS84}, the only one that there is here.")
