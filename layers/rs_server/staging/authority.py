"""Authority: what a job's owner may do now, read again at each step that matters."""

from __future__ import annotations

import asyncio
from typing import Protocol

from rs_server.access.principals import Principal
from rs_server.access.rights import Rights
from rs_server.access.store.users import UserStore
from rs_server.errors import Forbidden


class RightsReader(Protocol):
    """Gives a principal its rights; the access package's GrantReader."""

    async def rights_of(self, principal: Principal) -> Rights:
        """What `principal` may do now."""
        ...


class OwnerReader(Protocol):
    """Tells who a principal is by now, who was written into a job hours ago."""

    async def current(self, principal: Principal) -> Principal:
        """The principal with the groups of today; raises Forbidden for a user who is disabled or gone."""
        ...


class UserRecords:
    """Users as the access table has them."""

    def __init__(self, users: UserStore) -> None:
        self.users = users

    async def current(self, principal: Principal) -> Principal:
        """The principal with the groups and the role of today; the scope of its key stays."""
        user = await asyncio.to_thread(self.users.find, principal.login)
        if user is None or user.disabled:
            raise Forbidden(f"The user {principal.login!r} is disabled or gone.")
        return principal._replace(groups=user.groups, admin=user.admin)


class Authority:
    """Rights of stored principals."""

    def __init__(self, grants: RightsReader, owners: OwnerReader) -> None:
        self.grants = grants
        self.owners = owners

    async def rights_of(self, principal: Principal) -> Rights:
        """What `principal` may do by now, as who it is by now."""
        return await self.grants.rights_of(await self.owners.current(principal))
