"""Users, groups and the audit trail, for administrators; an owner reads what the trail has about their collections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from rs_client.addresses import in_path

if TYPE_CHECKING:
    from rs_client.transport import Api


class Users:
    """The users of the server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def create(self, login: str, *, groups: Sequence[str] = (), admin: bool = False) -> dict[str, Any]:
        """Make a user; they need a key as well (`keys.create` with `login`). Gives it as the server keeps it."""
        body = {"login": login, "groups": list(groups), "admin": admin}
        made: dict[str, Any] = self._api.request("POST", "/access/users", json=body)
        return made

    def change(self, login: str, **members: Any) -> dict[str, Any]:
        """Change `disabled`, `admin` or `identity` (`issuer`, `subject`) of a user."""
        changed: dict[str, Any] = self._api.request("PATCH", f"/access/users/{in_path(login)}", json=members)
        return changed

    def all(self) -> list[dict[str, Any]]:
        """All users, in the order of their logins."""
        return list(_pages(self._api, "/access/users", "users"))


class Groups:
    """The groups of users; one is there as long as it has members."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def all(self) -> list[dict[str, Any]]:
        """All groups with their members."""
        answer = self._api.request("GET", "/access/groups")
        return list(answer["groups"])

    def add(self, group: str, login: str) -> None:
        """Put a user into a group."""
        self._api.request("PUT", f"/access/groups/{in_path(group)}/members/{in_path(login)}")

    def remove(self, group: str, login: str) -> None:
        """Take a user out of a group."""
        self._api.request("DELETE", f"/access/groups/{in_path(group)}/members/{in_path(login)}")


class Audit:
    """What was changed and refused, the newest first."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def newest(self, count: int) -> list[dict[str, Any]]:
        """The newest entries, at most `count`: `time`, `event`, `about`, `by`, `detail`, `address`, `request_id`."""
        return list(islice(_pages(self._api, "/access/audit", "entries", limit=min(count, 1000)), count))


def _pages(api: Api, path: str, member: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    """The elements of a list that goes on with `next` links."""
    while path:
        page = api.request("GET", path, params=parameters)
        yield from page[member]
        path = next((link["href"] for link in page.get("links", []) if link["rel"] == "next"), "")
        parameters = {}
