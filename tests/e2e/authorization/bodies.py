"""What the requests of the matrix carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.e2e.authorization.cast import Cast, collection, execution, item, subscription
from tests.e2e.authorization.table import Row


def _grant(resource: str) -> Callable[[Cast, str], Any]:
    return lambda cast, name: {
        "subject": f"user:{name}",
        "resource": resource.format(owner=cast.owner, shared=cast.things["shared"]),
        "actions": ["read"],
    }


CREATING: Mapping[str, Callable[[Cast, str], Any]] = {
    "POST /access/keys": lambda _, name: {"name": name},
    "POST /access/keys#for-owner": lambda cast, name: {"name": name, "login": cast.owner},
    "PUT /access/grants#on-shared": _grant("catalog:{shared}"),
    "PUT /access/grants#on-station": _grant("cadip:mti"),
    "PUT /access/grants#on-all-of-owner": _grant("catalog:{owner}:*"),
    "POST /access/users": lambda _, name: {"login": name},
    "POST /catalog/collections": lambda cast, name: collection(f"{cast.things['kept']}-{name}"),
    "POST /catalog/collections#of-oneself": lambda _, name: collection(name),
    "POST /catalog/collections/{shared}/items": lambda _, name: item(name),
    "POST /catalog/collections/{shared}/items#many": lambda _, name: _features(name),
    "POST /catalog/collections/{shared}/bulk_items": lambda _, name: {"items": {name: item(name)}, "method": "insert"},
    "POST /catalog/collections/{public}/items": lambda _, name: item(name),
    "POST /processes/staging/execution": lambda cast, name: execution(cast.things["shared"], name),
    "POST /subscriptions": lambda cast, name: subscription(cast.things["cadip/stock"], cast.things["shared"], name),
}
"""Bodies of the requests that make something, with its name."""

BODIES: Mapping[str, Callable[[Cast, str], Any]] = {
    "PATCH /access/users/{login}": lambda *_: {"disabled": True},
    "POST /catalog/search": lambda cast, _: {"ids": ["one"], "collections": [cast.things["shared"]]},
    "POST /catalog/aggregate": lambda cast, _: {
        "collections": [cast.things["shared"]],
        "aggregations": ["collection_frequency"],
    },
    "POST /catalog/collections/{shared}/aggregate": lambda *_: {"aggregations": ["total_count"]},
    "PUT /catalog/collections/{shared}/items/{item}": lambda _, name: item(name),
    "PATCH /catalog/collections/{shared}/items/{item}": lambda *_: {"properties": {"platform": "sentinel-1a"}},
    "PUT /catalog/collections/{kept}": lambda _, name: collection(name, "that was replaced"),
    "PATCH /catalog/collections/{kept}": lambda *_: {"title": "Changed"},
    **{f"POST /{service}/search": lambda *_: {"limit": 5} for service in ("cadip", "auxip", "prip", "lta")},
    "PATCH /subscriptions/{subscription}": lambda *_: {"status": "paused"},
    "POST /processes/nothing/execution": lambda cast, name: execution(cast.things["shared"], name),
}
"""Bodies of other requests, with the value of the thing that they change. All others send `{}`."""


def body_of(row: Row, cast: Cast, name: str, changed: str) -> Any:
    """The body of a row's request, which makes something of the `name`, or is about the thing that it changes."""
    if make := CREATING.get(str(row)):
        return make(cast, name)
    if make := BODIES.get(str(row)):
        return make(cast, changed)
    return {}


def _features(*names: str) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [item(name) for name in names]}
