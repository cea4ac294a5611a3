"""From a bearer token of the identity provider to a user of ours: the login it is bound to, its groups, its roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from rs_server.access.authentication import BadToken
from rs_server.access.credentials import digest_of
from rs_server.access.instants import Clock, utc_now
from rs_server.access.principals import MAX_GROUPS
from rs_server.access.roles import grants_of_roles
from rs_server.access.store.identities import Identity, IdentityStore
from rs_server.access.store.table import AccessTable
from rs_server.access.store.tokens import KEY_ID_PREFIX, TokenRoles, TokenStore
from rs_server.access.store.users import User, UserStore
from rs_server.access.subjects import GROUP, check_login
from rs_server.errors import Forbidden, InvalidRequest
from rs_server.settings import OidcSettings

MAX_SUBJECT = 255
"""OpenID Connect Core 1.0, section 2: `sub`."""
MAX_ROLES = 500


class Verifier(Protocol):
    """Tells what a token says."""

    def claims_of(self, token: str) -> Mapping[str, Any]:
        """The claims of a valid token; raises BadToken."""


class BearerReader:
    """Finds, and at first sight makes, the user that a bearer token is of."""

    def __init__(self, settings: OidcSettings, verifier: Verifier, table: AccessTable, now: Clock = utc_now) -> None:
        self.settings = settings
        self.verifier = verifier
        self.users = UserStore(table, now)
        self.identities = IdentityStore(table, now)
        self.tokens = TokenStore(table, now)

    def user_of(self, token: str) -> tuple[User, str]:
        """The user, with the token's groups, and the key id under which its roles are.

        Raises BadToken, Forbidden with what to do for an identity that can have no login, or BackendUnavailable.
        """
        claims = self.verifier.claims_of(token)
        user = self._user(claims)
        user = replace(user, groups=self._groups(user, claims))
        digest = digest_of(token)
        roles = _texts(_claim(claims, self.settings.oidc_roles_claim))[:MAX_ROLES]
        grants = grants_of_roles(f"user:{user.login}", roles)
        if grants and not self.tokens.known(digest):
            expires = datetime.fromtimestamp(int(claims["exp"]), UTC)
            self.tokens.put(TokenRoles(digest, grants, expires))
        return user, KEY_ID_PREFIX + digest

    def _user(self, claims: Mapping[str, Any]) -> User:
        identity = (str(claims["iss"]), str(claims["sub"]))
        if len(identity[1]) > MAX_SUBJECT:
            raise BadToken("its subject is too long")
        login = self.identities.login_of(identity) or self._bound(claims, identity)
        user = self.users.find(login)
        if user is None or user.identity != identity:
            raise BadToken("its login is no more", genuine=True)
        return user

    def _bound(self, claims: Mapping[str, Any], identity: Identity) -> str:
        login = self._wanted_login(claims)
        if self.identities.bind_new(login, identity):
            return login
        bound = self.identities.login_of(identity)
        if bound is None:
            raise Forbidden(
                f"The login '{login}' is taken here by someone else, or by a user without your identity. Ask an "
                "administrator to bind it to you with PATCH /access/users, or get another name at your provider."
            )
        return bound

    def _wanted_login(self, claims: Mapping[str, Any]) -> str:
        name = _claim(claims, self.settings.oidc_login_claim)
        try:
            return check_login(name if isinstance(name, str) else "")
        except InvalidRequest as error:
            raise Forbidden(
                f"The claim '{self.settings.oidc_login_claim}' of your token is no login that can be had here. Get a "
                "name of lower-case letters, digits, '_' and '-' at your provider, or have an administrator bind you."
            ) from error

    def _groups(self, user: User, claims: Mapping[str, Any]) -> frozenset[str]:
        named = (name.removeprefix("/") for name in _texts(_claim(claims, self.settings.oidc_groups_claim)))
        groups = user.groups.union(name for name in named if GROUP.fullmatch(name))
        if len(groups) > MAX_GROUPS:
            raise Forbidden(
                f"You are in {len(groups)} groups, and {MAX_GROUPS} is the most. Have your token name fewer."
            )
        return groups


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by a path of names such as `realm_access.roles`; None where there is none."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _texts(value: Any) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
