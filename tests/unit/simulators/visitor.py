"""A client of a station in this process: logs in as its profile wants, then asks."""

from __future__ import annotations

import base64
from typing import Any

import httpx

from simulators.assembly import Options, build_station
from simulators.service.app import create_app
from simulators.service.station import Station

CLIENT = {"client_id": "rs-client", "client_secret": "rs-client-secret"}
USER = {"username": "rs", "password": "rs-password"}
BASIC_CLIENT = "Basic " + base64.b64encode(b"rs-client:rs-client-secret").decode()


def make_station(interface: str, profile: str, **options: Any) -> Station:
    """A station whose clock stands still unless told otherwise."""
    return build_station(Options(interface, profile, **({"speed": 0.0} | options)))


class Visitor:
    """Asks one station, with a token of its own."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.app = create_app(station)
        self.root = station.profile.context
        self.kept: dict[str, Any] = {}
        """Answers that tests share, of a station that they only read."""
        self._headers: dict[str, str] | None = None

    async def send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """A request to any path of the application, without a token unless given one."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://station") as client:
            return await client.request(method, path, **arguments)

    async def log_in(self) -> dict[str, str]:
        """The headers that a token gives, as the profile wants them."""
        auth = self.station.profile.auth
        form = {"grant_type": auth.grants[0], **USER, **({"scope": auth.scope} if auth.scope else {})}
        headers = {"Authorization": BASIC_CLIENT} if auth.client == "basic" else {}
        answer = await self.send("POST", auth.token_path, data=form if headers else form | CLIENT, headers=headers)
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        return {"Authorization": f"Bearer {token}"} if auth.header == "bearer" else {auth.header: token}

    async def ask(self, path: str, headers: dict[str, str] | None = None, **options: str) -> httpx.Response:
        """GET below the service root; `options` are query options without their `$`."""
        if self._headers is None:
            self._headers = await self.log_in()
        query = {f"${name}": value for name, value in options.items()}
        return await self.send("GET", f"{self.root}/{path}", params=query, headers=self._headers | (headers or {}))

    async def get(self, path: str, **options: str) -> Any:
        """The JSON of an answer that must be 200."""
        answer = await self.ask(path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def names(self, path: str, key: str = "Id", **options: str) -> list[Any]:
        """One property of each entity of a collection."""
        return [entity[key] for entity in (await self.get(path, **options))["value"]]

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        """POST below the service root."""
        if self._headers is None:
            self._headers = await self.log_in()
        return await self.send("POST", f"{self.root}/{path}", json={} if body is None else body, headers=self._headers)


def is_odata_error(answer: httpx.Response) -> bool:
    """Whether an answer's body is an OData error: code and message, both texts."""
    error = answer.json().get("error")
    return isinstance(error, dict) and all(
        isinstance(error.get(part), str) and error[part] for part in ("code", "message")
    )
