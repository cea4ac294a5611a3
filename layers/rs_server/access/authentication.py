"""Who is calling: from a credential to a principal. Decides nothing about resources.

A key costs two reads of the table: the key together with the address's failed attempts, then its user.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Protocol

from rs_server.access.credentials import digest_of, is_key
from rs_server.access.instants import Clock, utc_now
from rs_server.access.principals import ANONYMOUS, Principal
from rs_server.access.store.attempts import UNKNOWN, UNUSABLE, AttemptStore, attempts_key, too_many
from rs_server.access.store.keys import ApiKey, KeyStore, read_key, record_key
from rs_server.access.store.table import AccessTable
from rs_server.access.store.users import User, UserStore
from rs_server.errors import BackendUnavailable, TooManyRequests, Unauthenticated

TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
"""A signed JWT in its compact form (RFC 7519, RFC 7515)."""
MAX_CREDENTIAL = 8192
REFUSED = "The credential is wrong, expired or revoked, or its user is disabled."
BLOCKED = "Too many different wrong credentials came from your address. Wait five minutes."

logger = logging.getLogger(__name__)


class BadToken(Exception):
    """A bearer token that is not to be believed, or not any more."""

    def __init__(self, fault: str, *, genuine: bool = False) -> None:
        super().__init__(fault)
        self.genuine = genuine
        """Whether the provider made it: then it was valid once, and is no guess."""


class BearerTokens(Protocol):
    """Reads bearer tokens of an identity provider."""

    def user_of(self, token: str) -> tuple[User, str]:
        """The user that a valid token is of, and the `key_id` of its record; raises BadToken for any other."""


class Authenticator:
    """Finds out who a credential is of.

    `bearer_tokens` makes the reader of the identity provider's tokens when the first one arrives; None where no
    provider is configured.
    """

    def __init__(
        self, table: AccessTable, bearer_tokens: Callable[[], BearerTokens] | None = None, now: Clock = utc_now
    ) -> None:
        self.table = table
        self.bearer_tokens = bearer_tokens
        self.now = now
        self.keys = KeyStore(table, now)
        self.users = UserStore(table, now)
        self.attempts = AttemptStore(table, now)
        self._reader: BearerTokens | None = None

    def principal_of(self, credential: str | None, address: str) -> Principal:
        """The principal whose `credential` this is; None is the anonymous one's.

        Raises Unauthenticated for one that is not valid, TooManyRequests for an address that keeps guessing, Forbidden
        for an identity that can have no login here, and BackendUnavailable when that cannot be found out.
        """
        if credential is None:
            return ANONYMOUS
        if is_key(credential):
            return self._by_key(digest_of(credential), address)
        if self.bearer_tokens and TOKEN.fullmatch(credential) and len(credential) <= MAX_CREDENTIAL:
            return self._by_token(credential, address, self.bearer_tokens)
        raise Unauthenticated(REFUSED)

    def _by_key(self, digest: str, address: str) -> Principal:
        window = attempts_key(address, self.now())
        found = self.table.get_many([record_key(digest), window])
        if too_many(found.get(window)):
            raise TooManyRequests(BLOCKED)
        record = found.get(record_key(digest))
        if record is None:
            self.attempts.failed(address, digest, UNKNOWN, "an unknown key")
            raise Unauthenticated(REFUSED)
        key = read_key(record)
        user = self.users.find(key.login) if key.usable(self.now()) else None
        if user is None or user.disabled:
            self.attempts.failed(address, digest, UNUSABLE, f"key {key.key_id} of {key.login}")
            raise Unauthenticated(REFUSED)
        self._note_use(key)
        return Principal(user.login, user.groups, user.admin, key.key_id, key.scope)

    def _by_token(self, token: str, address: str, make_reader: Callable[[], BearerTokens]) -> Principal:
        window = attempts_key(address, self.now())
        if too_many(self.table.get(window)):
            raise TooManyRequests(BLOCKED)
        self._reader = self._reader or make_reader()
        try:
            user, key_id = self._reader.user_of(token)
        except BadToken as error:
            kind = UNUSABLE if error.genuine else UNKNOWN
            self.attempts.failed(address, digest_of(token), kind, f"a bearer token, {error}")
            raise Unauthenticated(REFUSED) from error
        if user.disabled:
            self.attempts.failed(address, digest_of(token), UNUSABLE, f"a bearer token of {user.login}")
            raise Unauthenticated(REFUSED)
        return Principal(user.login, user.groups, user.admin, key_id)

    def _note_use(self, key: ApiKey) -> None:
        try:
            self.keys.used(key)
        except BackendUnavailable as error:
            logger.warning("last use of key %s is not recorded: %s", key.key_id, error.message)
