"""Routes of API keys: make, list, revoke."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter
from starlette.requests import Request

from rs_server.access.api.callers import Caller, require_admin
from rs_server.access.api.models import KeyAnswer, KeyRequest, KeysAnswer, NewKeyAnswer
from rs_server.access.api.stores import Stores
from rs_server.access.audited import entry_of
from rs_server.access.credentials import digest_of, new_id, new_key
from rs_server.access.principals import MAX_SCOPE, Principal, Scope
from rs_server.access.store.keys import ApiKey
from rs_server.errors import Conflict, InvalidRequest, NotFound

MAX_USABLE_KEYS = 50


def keys_router(stores: Stores) -> APIRouter:
    """`/keys` and `/keys/{id}`."""
    router = APIRouter(prefix="/keys", tags=["keys"])

    @router.post("", status_code=HTTPStatus.CREATED)
    async def create_key(body: KeyRequest, caller: Caller, request: Request) -> NewKeyAnswer:
        """Make a key. This is the only answer that shows it."""
        login = await _owner_of_new_key(stores, caller, body.login)
        text = new_key()
        key = _key_of(body, login, text, stores)
        detail = f"for {login}, until {key.expires:%Y-%m-%d}" + (f", scope {key.scope.to_json()}" if key.scope else "")
        entry = entry_of(request, caller, "key.created", f"key:{key.key_id}", detail)
        await asyncio.to_thread(stores.keys.create, key, entry)
        return NewKeyAnswer(key=text, **KeyAnswer.of(key).model_dump())

    @router.get("")
    async def list_keys(caller: Caller, login: str = "") -> KeysAnswer:
        """The caller's keys, newest first; for administrators those of `login`."""
        if login and login != caller.login:
            require_admin(caller)
        found = await asyncio.to_thread(stores.keys.of_user, login or caller.login)
        return KeysAnswer(keys=[KeyAnswer.of(key) for key in found])

    @router.delete("/{key_id}", status_code=HTTPStatus.NO_CONTENT)
    async def revoke_key(key_id: str, caller: Caller, request: Request) -> None:
        """End a key of the caller's; an administrator may end any. It stops working within 30 s."""
        key = await asyncio.to_thread(stores.keys.by_id, key_id)
        if key is None or (key.login != caller.login and not caller.admin):
            raise NotFound("You have no key with this id. See /access/keys.")
        entry = entry_of(request, caller, "key.revoked", f"key:{key.key_id}", f"of {key.login}")
        await asyncio.to_thread(stores.keys.revoke, key, entry)

    return router


async def _owner_of_new_key(stores: Stores, caller: Principal, login: str | None) -> str:
    """Login that a new key is for, once it is sure that it may have one more."""
    owner = login or caller.login
    if owner != caller.login:
        require_admin(caller)
        if await asyncio.to_thread(stores.users.find, owner) is None:
            raise NotFound(f"There is no user {owner!r}. Make it with POST /access/users.")
    keys = await asyncio.to_thread(stores.keys.of_user, owner)
    if sum(key.usable(stores.now()) for key in keys) >= MAX_USABLE_KEYS:
        raise Conflict(f"{owner!r} has {MAX_USABLE_KEYS} keys, which is the most there can be. Revoke one first.")
    return owner


def _key_of(body: KeyRequest, login: str, text: str, stores: Stores) -> ApiKey:
    now = stores.now().replace(microsecond=0)
    scope = _scope_of(body)
    return ApiKey(digest_of(text), new_id(), login, body.name, now, now + timedelta(days=body.expires_in_days), scope)


def _scope_of(body: KeyRequest) -> Scope | None:
    if body.scope is None:
        return None
    scope = body.scope.to_scope()
    if len(scope.to_json()) > MAX_SCOPE:
        raise InvalidRequest(f"scope: it is longer than {MAX_SCOPE} characters. Name fewer resources, or use '*'.")
    return scope
