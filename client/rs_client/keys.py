"""The caller's API keys, and what the server knows of the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rs_client.addresses import in_path

if TYPE_CHECKING:
    from rs_client.transport import Api


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as the server lists it."""

    id: str
    name: str
    created: str
    expires: str
    revoked: bool
    login: str = ""
    last_used: str = ""
    """The hour of its last use."""
    secret: str = ""
    """The key itself: in the answer that creates it, and never again."""

    @classmethod
    def of(cls, document: dict[str, Any]) -> Key:
        """Read the server's form."""
        return cls(
            id=str(document["id"]),
            name=str(document.get("name") or ""),
            created=str(document.get("created") or ""),
            expires=str(document.get("expires") or ""),
            revoked=bool(document.get("revoked")),
            login=str(document.get("login") or ""),
            last_used=str(document.get("last_used") or ""),
            secret=str(document.get("key") or ""),
        )

    def __repr__(self) -> str:
        return f"Key(id={self.id!r}, name={self.name!r}, expires={self.expires!r}, revoked={self.revoked})"


class Keys:
    """The caller's API keys; for an administrator those of other users, too."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def create(
        self,
        name: str,
        *,
        expires_in_days: int | None = None,
        actions: Sequence[str] = (),
        resources: Sequence[str] = (),
        login: str = "",
    ) -> Key:
        """Make a key, narrowed to `actions` on `resources` where given. Only this answer has the `secret`.

        `login` is the user that it is for, if not the caller; only administrators may give it.
        """
        body: dict[str, Any] = {"name": name}
        if expires_in_days is not None:
            body["expires_in_days"] = expires_in_days
        if login:
            body["login"] = login
        scope = {"actions": list(actions), "resources": list(resources)}
        if any(scope.values()):
            body["scope"] = {part: given for part, given in scope.items() if given}
        return Key.of(self._api.request("POST", "/access/keys", json=body))

    def all(self, login: str = "") -> list[Key]:
        """All keys of the caller, or of another user."""
        answer = self._api.request("GET", "/access/keys", params={"login": login})
        return [Key.of(document) for document in answer["keys"]]

    def revoke(self, key_id: str) -> None:
        """End a key; it stops working within 30 seconds."""
        self._api.request("DELETE", f"/access/keys/{in_path(key_id)}")
