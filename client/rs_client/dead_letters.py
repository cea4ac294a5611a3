"""Dead letters: work that the server's workers could not end, for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rs_client.addresses import in_path

if TYPE_CHECKING:
    from rs_client.transport import Api


class DeadLetters:
    """The dead letters of the server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def all(self) -> list[dict[str, Any]]:
        """What there is, the oldest first: `id`, `sent`, `kind`, and of which `job` with its `owner` and `status`."""
        letters: list[dict[str, Any]] = self._api.request("GET", "/dead-letters")["dead_letters"]
        return letters

    def replay(self, letter_id: str = "") -> int:
        """Send one again, without id all; how many were."""
        path = f"/dead-letters/{in_path(letter_id)}/replay" if letter_id else "/dead-letters/replay"
        return int(self._api.request("POST", path)["replayed"])

    def delete(self, letter_id: str) -> None:
        """Throw one away."""
        self._api.request("DELETE", f"/dead-letters/{in_path(letter_id)}")
