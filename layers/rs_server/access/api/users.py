"""Routes of users, for administrators."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from fastapi import APIRouter
from starlette.requests import Request

from rs_server.access.api.callers import Caller, require_admin
from rs_server.access.api.models import UserAnswer, UserPatch, UserRequest, UsersAnswer
from rs_server.access.api.paging import Limit, Token, next_links, position_in
from rs_server.access.api.stores import Stores
from rs_server.access.audited import entry_of
from rs_server.access.store.audit import AuditEntry
from rs_server.access.store.users import User
from rs_server.access.subjects import check_group, check_login
from rs_server.errors import Conflict, InvalidRequest, NotFound


def users_router(stores: Stores) -> APIRouter:
    """`/users` and `/users/{login}`."""
    router = APIRouter(prefix="/users", tags=["users"])

    @router.post("", status_code=HTTPStatus.CREATED)
    async def create_user(body: UserRequest, caller: Caller, request: Request) -> UserAnswer:
        """Make a user; give them a first key with `POST /access/keys {"name", "login"}`."""
        require_admin(caller)
        groups = frozenset(map(check_group, body.groups))
        user = User(check_login(body.login), groups, body.admin, created=stores.now().replace(microsecond=0))
        detail = f"groups {', '.join(sorted(groups)) or 'none'}" + (", administrator" if body.admin else "")
        entry = entry_of(request, caller, "user.created", f"user:{user.login}", detail)
        await asyncio.to_thread(stores.users.create, user, entry)
        return UserAnswer.of(user)

    @router.get("")
    async def list_users(caller: Caller, request: Request, limit: Limit = 100, token: Token = "") -> UsersAnswer:
        """All users, in the order of their logins."""
        require_admin(caller)
        position = position_in(token, {"after"})
        found, after = await asyncio.to_thread(stores.users.page, limit, position["after"] if position else "")
        links = next_links(request, {"after": after} if after else None)
        return UsersAnswer(users=[UserAnswer.of(user) for user in found], links=links)

    @router.patch("/{login}")
    async def change_user(login: str, body: UserPatch, caller: Caller, request: Request) -> UserAnswer:
        """Disable or enable a user, make them an administrator or none, or bind them to an identity.

        A disabled user's keys and tokens stop within 30 s.
        """
        require_admin(caller)
        if login == caller.login and (body.disabled or body.admin is False):
            raise Conflict("You cannot disable yourself or end your own administration. Ask another administrator.")
        changes = body.model_dump(exclude_none=True)
        if not changes:
            raise InvalidRequest("Say what to change: 'disabled', 'admin' or 'identity'.")
        detail = ", ".join(f"{name} is {value}" for name, value in changes.items())
        entry = entry_of(request, caller, "user.changed", f"user:{login}", detail)
        return UserAnswer.of(await asyncio.to_thread(_change, stores, login, body, entry))

    return router


def _change(stores: Stores, login: str, body: UserPatch, entry: AuditEntry) -> User:
    if body.identity is not None:
        identity = (body.identity.issuer, body.identity.subject)
        stores.identities.bind(_existing(stores, login), identity, entry)
    if body.disabled is not None or body.admin is not None:
        stores.users.change(login, entry, disabled=body.disabled, admin=body.admin)
    return _existing(stores, login)


def _existing(stores: Stores, login: str) -> User:
    user = stores.users.find(login)
    if user is None:
        raise NotFound(f"There is no user {login!r}.")
    return user
