"""Who and what tests of staging speak of: users, a collection, a station's address, and when it all begins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rs_server.access.principals import Principal
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant, Rights

BASE_URL = "https://api.test/v1"
ROOT = "https://mti.test/cadip/odata/v1/"
ALICE = Principal(login="alice", key_id="k1")
BOB = Principal(login="bob", key_id="k2")
ADMIN = Principal(login="root", key_id="k3", admin=True)
COLLECTION = "alice:s1-l0"
START = datetime(2026, 11, 23, 10, tzinfo=UTC)
STANDARD_GRANTS = (
    ("user:alice", "process:staging", {"read", "write", "manage"}),
    ("user:alice", "cadip:mti", {"read", "download"}),
    ("user:bob", "process:staging", {"read", "write", "manage"}),
)


class People:
    """Users and grants."""

    def __init__(self) -> None:
        self.grants = [Grant(who, ResourcePattern.parse(what), frozenset(how)) for who, what, how in STANDARD_GRANTS]

    async def rights_of(self, principal: Principal) -> Rights:
        return Rights.of(principal, self.grants)

    async def current(self, principal: Principal) -> Principal:
        return principal


def item(name: str, assets: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """An item as a station service answers it."""
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [
            "https://stac-extensions.github.io/file/v2.1.0/schema.json",
            "https://stac-extensions.github.io/authentication/v1.1.0/schema.json",
        ],
        "id": name,
        "collection": "s1_mti",
        "geometry": None,
        "properties": {
            "datetime": "2024-11-14T14:30:44.018Z",
            "rs:station": "cadip:mti",
            "published": "2024-11-14T14:31:11.032Z",
            "expires": "2024-11-21T14:31:00Z",
            "auth:schemes": {"oauth": {"type": "oauth2"}},
        }
        | properties,
        "links": [{"rel": "self", "href": f"{BASE_URL}/cadip/collections/s1_mti/items/{name}"}],
        "assets": assets,
    }
