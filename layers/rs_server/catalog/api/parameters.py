"""Reading searches: GET, POST and page tokens all become the same checked request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError
from stac_fastapi.core.extensions.filter import CQL2FilterError, cql2_text_to_json

from rs_server.catalog.caller import Caller
from rs_server.catalog.collections import CollectionSearch
from rs_server.catalog.searches import DEFAULT_LIMIT, MAX_LIMIT, ItemSearch
from rs_server.errors import InvalidRequest
from rs_server.stac.pagination import MAX_TOKEN, decode_token, encode_token

PAGING = ("limit", "token")


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was asked: the body of its POST form without paging, the page size, and where the page starts."""

    body: Mapping[str, Any]
    limit: int
    after: list[Any] | None = None

    def token(self, cursor: list[Any]) -> str:
        """The token of the page behind `cursor`: the whole request, unless it is too long for a token."""
        page = {"limit": self.limit, "after": cursor}
        whole = encode_token({**page, "search": self.body})
        return whole if len(whole) <= MAX_TOKEN else encode_token(page)

    def item_search(self, caller: Caller) -> ItemSearch:
        """The search for items; a collection without owner is the caller's."""
        members = {
            name: self.body[name]
            for name in ("ids", "bbox", "intersects", "datetime", "query", "filter", "q")
            if self.body.get(name) is not None
        }
        collections = [str(caller.collection(name)) for name in self.body.get("collections") or ()]
        return ItemSearch(**members, collections=collections, sortby=self._sortby())

    def collection_search(self) -> CollectionSearch:
        """The search for collections."""
        names = ("bbox", "datetime", "query", "filter", "q")
        members = {name: self.body[name] for name in names if self.body.get(name) is not None}
        return CollectionSearch(**members, sortby=self._sortby())

    def _sortby(self) -> list[tuple[str, str]]:
        return [(key["field"], key.get("direction", "asc")) for key in self.body.get("sortby") or ()]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads searches by the model of their POST body."""

    model: type[BaseModel]
    default_limit: int = DEFAULT_LIMIT

    def read(self, body: object) -> Asked:
        """Check a body; raises InvalidRequest."""
        return self.read_model(self._model(body))

    def read_model(self, model: BaseModel) -> Asked:
        """A body that was checked. A token in it has the last word on everything it holds."""
        body = _canonical(model)
        token, limit = body.pop("token", None), body.pop("limit", None) or self.default_limit
        if token is None:
            return Asked(body, _limit(limit))
        page = decode_token(token)
        if not isinstance(page.get("after"), list) or not isinstance(page.get("limit"), int):
            raise InvalidRequest("The page token is not one of ours. Start again from the first page.")
        search = _canonical(self._model(page["search"])) if "search" in page else body
        return Asked(search, _limit(page["limit"]), page["after"])

    def read_query(self, parameters: Mapping[str, Any]) -> Asked:
        """Check the parameters of a GET, as stac-fastapi's request models have split them."""
        body = {
            name: parameters[name]
            for name in ("collections", "ids", "bbox", "datetime", "q", *PAGING)
            if parameters.get(name)
        }
        for name in ("intersects", "query"):
            if parameters.get(name):
                body[name] = _json(parameters[name], name)
        if parameters.get("sortby"):
            body["sortby"] = [_sort_key(text) for text in parameters["sortby"] if text.strip(" +-")]
        if parameters.get("fields"):
            body["fields"] = _fields(parameters["fields"])
        if parameters.get("filter_expr"):
            body["filter"] = _filter(parameters["filter_expr"], parameters.get("filter_lang"))
        return self.read(body)

    def _model(self, body: object) -> BaseModel:
        try:
            return self.model.model_validate(body)
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:3])
            raise InvalidRequest("; ".join(faults)) from error


def _canonical(model: BaseModel) -> dict[str, Any]:
    """The members of a body that were given. Of `fields` it matters which were, even if they are empty."""
    body = model.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    fields = getattr(model, "fields", None)
    if "fields" in body and isinstance(fields, BaseModel):
        body["fields"] = {name: sorted(getattr(fields, name) or ()) for name in fields.model_fields_set}
    return body


def _limit(limit: int) -> int:
    if limit < 1:
        raise InvalidRequest("limit: it must be 1 or more.")
    return min(limit, MAX_LIMIT)


def _json(text: str, name: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"{name}: it must be JSON.") from error


def _sort_key(text: str) -> dict[str, str]:
    """One key of `sortby`. A `+` that was not percent-encoded arrives as a space."""
    name = text.strip()
    return {"field": name.lstrip("+-"), "direction": "desc" if name.startswith("-") else "asc"}


def _fields(names: list[str]) -> dict[str, list[str]]:
    include = [name.lstrip("+ ") for name in names if name.strip("+- ") and not name.startswith("-")]
    exclude = [name[1:] for name in names if name.startswith("-") and name.strip("+- ")]
    return ({"include": include} if include else {}) | {"exclude": exclude}


def _filter(text: str, language: str | None) -> Any:
    if language == "cql2-json":
        return _json(text, "filter")
    try:
        return cql2_text_to_json(text)
    except CQL2FilterError as error:
        raise InvalidRequest(f"filter: it is no CQL2 text: {error}.") from error
