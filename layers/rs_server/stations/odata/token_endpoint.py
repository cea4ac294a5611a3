"""The token call of a station (RFC 6749 4.3, 4.4, 6), in the variants that the stations want."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import httpx

from rs_server.errors import BackendFailed, RsServerError
from rs_server.stations.credentials import Credentials
from rs_server.stations.odata.http import RETRIED, Deadline, Retries, failure_of_status, failure_of_transport
from rs_server.stations.odata.tokens import LoginRefused, Token
from rs_server.stations.profiles.model import Station

SHORTEST_LIFE = 300.0
"""Seconds that a token is taken to live when the station does not say (`expires_in` is only recommended)."""
LONGEST_LIFE = 10 * 365 * 86400.0
"""Seconds beyond which no end is believed: numbers of JSON may be infinite."""


class TokenEndpoint:
    """Logs in at one station, or renews with the refresh token where there is one."""

    def __init__(self, station: Station, credentials: Credentials, http: httpx.AsyncClient) -> None:
        self.station = station
        self.authentication = station.authentication
        self.credentials = credentials
        self.http = http

    async def __call__(self, previous: Token | None, deadline: Deadline) -> Token:
        """A new token; raises LoginRefused, or what a failed exchange means."""
        if previous and previous.renewable(deadline.timing.now()):
            response = await self._post(
                {"grant_type": "refresh_token", "refresh_token": previous.refresh_token}, deadline
            )
            if response.status_code == HTTPStatus.OK:
                return self._token(response, deadline)
        return self._token(await self._post(self._login(), deadline), deadline)

    def _login(self) -> dict[str, str]:
        if self.authentication.grant == "client_credentials":
            return {"grant_type": "client_credentials"}
        return {
            "grant_type": "password",
            "username": self.credentials.username,
            "password": self.credentials.password,
        }

    async def _post(self, form: dict[str, str], deadline: Deadline) -> httpx.Response:
        retries = Retries(self.station.id, deadline)
        while True:
            try:
                response = await self._post_once(form, deadline)
            except (httpx.HTTPError, TimeoutError) as error:
                failure: RsServerError = failure_of_transport(self.station.id, error)
            else:
                if response.status_code not in RETRIED:
                    return response
                failure = failure_of_status(self.station.id, response, deadline.timing)
            await retries.pause_or_raise(failure)

    async def _post_once(self, form: dict[str, str], deadline: Deadline) -> httpx.Response:
        client, fields = None, dict(form)
        if self.authentication.scope:
            fields["scope"] = self.authentication.scope
        if self.authentication.client in {"basic", "both"}:
            client = httpx.BasicAuth(self.credentials.client_id, self.credentials.client_secret)
        if self.authentication.client in {"body", "both"}:
            secret = {"client_id": self.credentials.client_id, "client_secret": self.credentials.client_secret}
            fields |= {name: value for name, value in secret.items() if value}
        async with asyncio.timeout(min(self.station.limits.timeout_seconds, deadline.remaining)):
            return await self.http.post(
                self.authentication.token_url,
                data=fields,
                auth=client or httpx.USE_CLIENT_DEFAULT,
                headers={"accept": "application/json"},
            )

    def _token(self, response: httpx.Response, deadline: Deadline) -> Token:
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise failure_of_status(self.station.id, response, deadline.timing)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise LoginRefused(
                f"Station {self.station.id} refuses our login ({response.status_code}). The operator must renew it."
            )
        now = deadline.timing.now()
        try:
            body = response.json()
            return Token(
                access_token=str(body["access_token"]),
                issued=now,
                expires=now + (_seconds(body.get("expires_in")) or SHORTEST_LIFE),
                refresh_token=str(body.get("refresh_token") or ""),
                refresh_expires=now + _seconds(body.get("refresh_expires_in")),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise BackendFailed(f"Station {self.station.id} answered the token call with no token.") from None


def _seconds(told: object) -> float:
    """A life as a station tells it; 0 where that is none, so that no one logs in anew for each request."""
    seconds = float(str(told)) if told else 0.0
    return min(seconds, LONGEST_LIFE) if seconds > 0 else 0.0
