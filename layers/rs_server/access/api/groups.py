"""Routes of groups, for administrators."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from fastapi import APIRouter
from starlette.requests import Request

from rs_server.access.api.callers import Caller, require_admin
from rs_server.access.api.models import GroupAnswer, GroupsAnswer
from rs_server.access.api.stores import Stores
from rs_server.access.audited import entry_of
from rs_server.access.subjects import check_group, check_login


def groups_router(stores: Stores) -> APIRouter:
    """`/groups` and `/groups/{group}/members/{login}`."""
    router = APIRouter(prefix="/groups", tags=["groups"])

    @router.get("")
    async def list_groups(caller: Caller) -> GroupsAnswer:
        """All groups that have members."""
        require_admin(caller)
        found = await asyncio.to_thread(stores.groups.all)
        return GroupsAnswer(groups=[GroupAnswer(group=name, members=list(found[name])) for name in sorted(found)])

    @router.put("/{group}/members/{login}", status_code=HTTPStatus.NO_CONTENT)
    async def add_member(group: str, login: str, caller: Caller, request: Request) -> None:
        """Put a user into a group; there is nothing else to do to make one."""
        require_admin(caller)
        entry = entry_of(request, caller, "group.joined", f"group:{check_group(group)}", check_login(login))
        await asyncio.to_thread(stores.groups.add, group, login, entry)

    @router.delete("/{group}/members/{login}", status_code=HTTPStatus.NO_CONTENT)
    async def remove_member(group: str, login: str, caller: Caller, request: Request) -> None:
        """Take a user out of a group. The group's rights end for them within 30 s."""
        require_admin(caller)
        entry = entry_of(request, caller, "group.left", f"group:{check_group(group)}", check_login(login))
        await asyncio.to_thread(stores.groups.remove, group, login, entry)

    return router
