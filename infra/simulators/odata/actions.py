"""The writing half of an OData service: entities that are created, and bound actions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from simulators.odata.errors import ODataError, bad_request
from simulators.odata.paths import KeyForm, Segment, read_path


@dataclass(frozen=True, slots=True)
class ActionCall:
    """A POST: the key in its path (or ""), its body, the station's time, and whether it is fated to fail."""

    key: str
    body: Mapping[str, Any]
    now: int
    failing: bool = False

    def read[T: BaseModel](self, model: type[T]) -> T:
        """The body as `model`; raises a 400 that names the member at fault."""
        try:
            return model.model_validate(self.body)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(each) for each in first["loc"]) or "the body"
            raise bad_request(f"{place}: {first['msg']}.") from None


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a POST."""

    status: int
    entity: Mapping[str, Any] | None = None


type Handler = Callable[[ActionCall], Reply]


class ActionTable:
    """What can be posted where: handlers by path, `()` standing for a key, as in `Orders()/OData.CSC.Cancel`."""

    def __init__(self, handlers: Mapping[str, Handler], keys: KeyForm = "either") -> None:
        self._handlers = handlers
        self._keys = keys

    def post(self, path: str, body: bytes, now: int, *, failing: bool = False) -> Reply:
        """Answer a POST; raises ODataError."""
        segments = read_path(path, self._keys)
        handler = self._handlers.get(_template(segments))
        if handler is None:
            raise ODataError(404, f"Nothing can be posted to {path[:200]!r} here.")
        key = next((each.key for each in segments if each.key is not None), "")
        return handler(ActionCall(key.lower(), _read_body(body), now, failing))


def _template(segments: tuple[Segment, ...]) -> str:
    return "/".join(f"{each.name}()" if each.key is not None else each.name for each in segments)


def _read_body(body: bytes) -> Mapping[str, Any]:
    if not body.strip():
        return {}
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        raise bad_request("The body is no JSON.") from None
    if not isinstance(read, dict):
        raise bad_request("The body must be a JSON object.")
    return read
