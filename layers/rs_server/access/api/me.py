"""Routes about the caller, and of the audit trail."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.requests import Request

from rs_server.access.api.callers import Caller, refuse_narrowed
from rs_server.access.api.models import AuditAnswer, EntryAnswer, GrantAnswer, KeyAnswer, MeAnswer
from rs_server.access.api.paging import Limit, Token, next_links, position_in
from rs_server.access.api.stores import Stores
from rs_server.access.store.audit import check_position
from rs_server.access.store.tokens import KEY_ID_PREFIX


def me_router(stores: Stores) -> APIRouter:
    """`/me` and `/audit`."""
    router = APIRouter()

    @router.get("/me", tags=["me"])
    async def me(caller: Caller) -> MeAnswer:
        """Who the caller is, with which key, and what they were granted."""
        rights = await stores.reader.rights_of(caller)
        named = caller.key_id and not caller.key_id.startswith(KEY_ID_PREFIX)
        key = await asyncio.to_thread(stores.keys.by_id, caller.key_id) if named else None
        return MeAnswer(
            user=caller.login,
            groups=sorted(caller.groups),
            admin=caller.admin,
            owns=f"catalog:{caller.login}:*",
            key=KeyAnswer.of(key) if key else None,
            grants=[GrantAnswer.of_grant(grant) for grant in rights.grants],
        )

    @router.get("/audit", tags=["audit"])
    async def audit(caller: Caller, request: Request, limit: Limit = 100, token: Token = "") -> AuditAnswer:
        """Changes and refusals, newest first: for administrators all, for others those about their own collections."""
        refuse_narrowed(caller)
        position = check_position(position_in(token, {"day", "sk"}))
        if caller.admin:
            page = await asyncio.to_thread(stores.audit.all, limit, position)
        else:
            page = await asyncio.to_thread(stores.audit.of_owner, caller.login, limit, position)
        entries = [EntryAnswer.of(record) for record in page.entries]
        return AuditAnswer(entries=entries, links=next_links(request, page.position))

    return router
