"""Standing orders: what stations publish is staged by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rs_client.addresses import in_path

if TYPE_CHECKING:
    from rs_client.transport import Api


@dataclass(frozen=True, slots=True)
class Subscription:
    """A standing order as the server shows it."""

    id: str
    status: str
    """`active` or `paused`."""
    label: str
    service: str
    collections: tuple[str, ...]
    collection: str
    """Where its items go."""
    found: int
    staged: int
    failed: int
    error: str
    """What stood against the last look at the station; empty if nothing did."""
    document: dict[str, Any]
    """All that the server tells."""

    @classmethod
    def of(cls, document: dict[str, Any]) -> Subscription:
        """Read the server's form."""
        source, items, error = document["source"], document.get("items") or {}, document.get("error") or {}
        return cls(
            id=str(document["id"]),
            status=str(document["status"]),
            label=str(document.get("label") or ""),
            service=str(source["service"]),
            collections=tuple(source["collections"]),
            collection=str(document["collection"]),
            found=int(items.get("found") or 0),
            staged=int(items.get("staged") or 0),
            failed=int(items.get("failed") or 0),
            error=str(error.get("reason") or ""),
            document=document,
        )


class Subscriptions:
    """The caller's standing orders."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def add(
        self,
        service: str,
        collections: Sequence[str],
        collection: str,
        *,
        filter: str | dict[str, Any] | None = None,  # noqa: A002  # the member's name in the API
        **members: Any,
    ) -> Subscription:
        """Stage into `collection` what the service's `collections` show from now on and the CQL2 `filter` accepts.

        `members` are further ones of the API, such as `asset_names`, `label`, `since`.
        """
        source = {"service": service, "collections": list(collections), **({"filter": filter} if filter else {})}
        given = {name: value for name, value in members.items() if value}
        body = {"source": source, "collection": collection, **given}
        return Subscription.of(self._api.request("POST", "/subscriptions", json=body))

    def all(self) -> list[Subscription]:
        """All of the caller's, the oldest first."""
        found: list[Subscription] = []
        path = "/subscriptions"
        while path:
            page = self._api.request("GET", path)
            found += map(Subscription.of, page["subscriptions"])
            path = next((link["href"] for link in page.get("links", []) if link["rel"] == "next"), "")
        return found

    def get(self, subscription_id: str) -> Subscription:
        """One, with the items that are under way and those that failed in its `document`."""
        return Subscription.of(self._api.request("GET", f"/subscriptions/{in_path(subscription_id)}"))

    def pause(self, subscription_id: str) -> Subscription:
        """Look for nothing more until it is resumed."""
        return self._amend(subscription_id, status="paused")

    def resume(self, subscription_id: str) -> Subscription:
        """Go on, with what was published meanwhile."""
        return self._amend(subscription_id, status="active")

    def remove(self, subscription_id: str) -> None:
        """End it; jobs that it has started go on."""
        self._api.request("DELETE", f"/subscriptions/{in_path(subscription_id)}")

    def _amend(self, subscription_id: str, **members: str) -> Subscription:
        return Subscription.of(self._api.request("PATCH", f"/subscriptions/{in_path(subscription_id)}", json=members))
