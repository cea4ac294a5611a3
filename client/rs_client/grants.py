"""Sharing: who may do what with the caller's collections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from rs_client.addresses import in_path

if TYPE_CHECKING:
    from rs_client.transport import Api


EVERYONE = frozenset({"public", "authenticated"})


@dataclass(frozen=True, slots=True)
class Grant:
    """A subject may do `actions` on a resource."""

    id: str
    """Empty for a right that an identity provider gave, and that only it can withdraw."""
    subject: str
    resource: str
    actions: tuple[str, ...]
    expires: str

    @classmethod
    def of(cls, document: dict[str, Any]) -> Grant:
        """Read the server's form."""
        return cls(
            id=str(document.get("id") or ""),
            subject=str(document["subject"]),
            resource=str(document["resource"]),
            actions=tuple(document["actions"]),
            expires=str(document.get("expires") or ""),
        )


def subject_of(text: str) -> str:
    """`text` as a subject: a bare name is a user; `group:x`, `public` and `authenticated` are meant as they are."""
    return text if ":" in text or text in EVERYONE else f"user:{text}"


def resource_of(text: str, owner: str) -> str:
    """`text` as a resource: `s1-l0` or `owner:s1-l0` is a collection of the catalog."""
    parts = text.split(":")
    if len(parts) == 1:
        return f"catalog:{owner}:{text}"
    if len(parts) == 2 and parts[0] not in {"cadip", "auxip", "prip", "lta", "process"}:
        return f"catalog:{text}"
    return text


def _next_token(links: Iterable[dict[str, Any]]) -> str | None:
    """The token of the page that follows; None on the last one."""
    address = next((link["href"] for link in links if link["rel"] == "next"), "")
    return dict(parse_qsl(urlsplit(address).query)).get("token")


class Grants:
    """The grants that the caller gave or got."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def give(self, subject: str, resource: str, actions: Sequence[str], *, expires: str = "") -> Grant:
        """Let `subject` do `actions` on `resource`, in place of what an earlier grant on the same said."""
        body = {"subject": subject, "resource": resource, "actions": list(actions)}
        return Grant.of(
            self._api.request("PUT", "/access/grants", json=body | ({"expires": expires} if expires else {}))
        )

    def find(self, *, resource: str = "", subject: str = "") -> list[Grant]:
        """Grants on a resource or of a subject."""
        found: list[Grant] = []
        token: str | None = ""
        while token is not None:
            parameters = {"resource": resource, "subject": subject} | ({"token": token} if token else {})
            answer = self._api.request("GET", "/access/grants", params=parameters)
            found += [Grant.of(document) for document in answer["grants"]]
            token = _next_token(answer.get("links", ()))
        return found

    def withdraw(self, grant_id: str) -> None:
        """End a grant; it stops working within 30 seconds."""
        self._api.request("DELETE", f"/access/grants/{in_path(grant_id)}")
