"""The demo users: made through the deployed API, as an administrator would."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import httpx

USERS = ("alice", "bob")
GRANTS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "alice": (
        ("cadip:*", ("read", "download")),
        ("auxip:*", ("read", "download")),
        ("prip:*", ("read", "download")),
        ("lta:*", ("read", "download")),
        ("process:staging", ("read", "write", "manage")),
    ),
}
"""What users may do besides what is theirs; bob has nothing until someone shares it."""


class SeedFailed(Exception):
    """The API did not take a demo user; the message holds its answer."""


class Seeder:
    """Makes users, their grants and their keys, with the administrator's key."""

    def __init__(self, client: httpx.Client, admin_key: str) -> None:
        self.client = client
        self.admin_key = admin_key

    def seed(self, known: Mapping[str, str]) -> dict[str, str]:
        """Have all demo users and their grants; gives the keys by login, those in `known` that still work kept."""
        keys = {"admin": self.admin_key}
        for login in USERS:
            self._call("POST", "/access/users", {"login": login}, HTTPStatus.CREATED, HTTPStatus.CONFLICT)
            for resource, actions in GRANTS.get(login, ()):
                grant = {"subject": f"user:{login}", "resource": resource, "actions": list(actions)}
                self._call("PUT", "/access/grants", grant, HTTPStatus.OK, HTTPStatus.CREATED)
            key = known.get(login, "")
            keys[login] = key if key and self._works(key, login) else self._new_key(login)
        return keys

    def _works(self, key: str, login: str) -> bool:
        answer = self.client.get("/access/me", headers={"x-api-key": key})
        return answer.is_success and answer.json()["user"] == login

    def _new_key(self, login: str) -> str:
        body = {"name": "demo", "login": login}
        return str(self._call("POST", "/access/keys", body, HTTPStatus.CREATED).json()["key"])

    def _call(self, method: str, path: str, body: Mapping[str, object], *expected: HTTPStatus) -> httpx.Response:
        answer = self.client.request(method, path, json=body, headers={"x-api-key": self.admin_key})
        if answer.status_code not in expected:
            raise SeedFailed(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer
