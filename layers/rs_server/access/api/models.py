"""Bodies of requests and answers of the access service."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from rs_server.access.principals import ACTIONS, MAX_GROUPS, Scope
from rs_server.access.resources import STATION_SERVICES, ResourcePattern
from rs_server.access.rights import Grant
from rs_server.access.store.grants import StoredGrant
from rs_server.access.store.keys import ApiKey
from rs_server.access.store.table import Record
from rs_server.access.store.users import User

Action = Literal["read", "download", "write", "manage"]
EVERYTHING = ("catalog:*:*", *(f"{service}:*" for service in STATION_SERVICES), "process:*")
DEFAULT_DAYS = 90
MAX_DAYS = 365
MAX_SCOPE_RESOURCES = 20


class Strict(BaseModel):
    """A request body: a member that is not known is refused, so that a misspelt one is never ignored."""

    model_config = ConfigDict(extra="forbid")


class ScopeModel(Strict):
    """What a key is narrowed to. A part that is left out does not limit."""

    actions: Annotated[list[Action], Field(min_length=1)] = ["read", "download", "write", "manage"]
    resources: Annotated[list[str], Field(min_length=1, max_length=MAX_SCOPE_RESOURCES)] = list(EVERYTHING)

    def to_scope(self) -> Scope:
        """The scope that this describes; raises InvalidRequest for a resource that is none."""
        return Scope(frozenset(self.actions), tuple(ResourcePattern.parse(text) for text in self.resources))

    @classmethod
    def of(cls, scope: Scope | None) -> ScopeModel | None:
        """The way a key's scope is shown."""
        if scope is None:
            return None
        actions = [action for action in ACTIONS if action in scope.actions]
        return cls.model_validate({"actions": actions, "resources": [str(pattern) for pattern in scope.resources]})


class KeyRequest(Strict):
    """A key to make."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    expires_in_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = DEFAULT_DAYS
    scope: ScopeModel | None = None
    login: str | None = None
    """For administrators: the user that the key is for, if not the caller."""


class KeyAnswer(BaseModel):
    """A key, without its text."""

    id: str
    name: str
    login: str
    created: AwareDatetime
    expires: AwareDatetime
    revoked: bool
    scope: ScopeModel | None
    last_used: AwareDatetime | None

    @classmethod
    def of(cls, key: ApiKey) -> KeyAnswer:
        """The way a key is shown."""
        return cls(
            id=key.key_id,
            name=key.name,
            login=key.login,
            created=key.created,
            expires=key.expires,
            revoked=key.revoked,
            scope=ScopeModel.of(key.scope),
            last_used=key.last_used,
        )


class NewKeyAnswer(KeyAnswer):
    """The only answer that has the key's text."""

    key: str


class KeysAnswer(BaseModel):
    """All keys of a user."""

    keys: list[KeyAnswer]


class LinkAnswer(BaseModel):
    """A link to the next page."""

    rel: str
    href: str
    type: str = "application/json"


class GrantRequest(Strict):
    """A grant to put in place of what there is for the same subject and resource."""

    subject: Annotated[str, Field(max_length=100)]
    resource: Annotated[str, Field(max_length=300)]
    actions: Annotated[list[Action], Field(min_length=1)]
    expires: AwareDatetime | None = None


class GrantAnswer(BaseModel):
    """A grant in force, or that was. Roles of a bearer token have no `id`: the identity provider manages them."""

    id: str | None = None
    subject: str
    resource: str
    actions: list[str]
    expires: AwareDatetime | None = None
    granted_by: str | None = None
    created: AwareDatetime | None = None

    @classmethod
    def of(cls, stored: StoredGrant) -> GrantAnswer:
        """The way a stored grant is shown."""
        shown = cls.of_grant(stored.grant)
        return shown.model_copy(update={"id": stored.id, "granted_by": stored.granted_by, "created": stored.created})

    @classmethod
    def of_grant(cls, grant: Grant) -> GrantAnswer:
        """The way a grant is shown to the one who has it."""
        actions = [action for action in ACTIONS if action in grant.actions]
        return cls(subject=grant.subject, resource=str(grant.resource), actions=actions, expires=grant.expires)


class GrantsAnswer(BaseModel):
    """Grants; where there is a `next` link, this is a part of them."""

    grants: list[GrantAnswer]
    links: list[LinkAnswer] = []


class UserRequest(Strict):
    """A user to make."""

    login: str
    groups: Annotated[list[str], Field(max_length=MAX_GROUPS)] = []
    admin: bool = False


class IdentityModel(Strict):
    """An identity at an OpenID Connect provider."""

    issuer: Annotated[str, Field(min_length=1, max_length=500)]
    subject: Annotated[str, Field(min_length=1, max_length=255)]


class UserPatch(Strict):
    """What to change of a user; what is left out stays."""

    disabled: bool | None = None
    admin: bool | None = None
    identity: IdentityModel | None = None
    """The identity that the login is bound to from now on, in place of an earlier one."""


class UserAnswer(BaseModel):
    """A user."""

    login: str
    groups: list[str]
    admin: bool
    disabled: bool
    created: AwareDatetime | None
    identity: IdentityModel | None

    @classmethod
    def of(cls, user: User) -> UserAnswer:
        """The way a user is shown."""
        identity = IdentityModel(issuer=user.identity[0], subject=user.identity[1]) if user.identity else None
        return cls(
            login=user.login,
            groups=sorted(user.groups),
            admin=user.admin,
            disabled=user.disabled,
            created=user.created,
            identity=identity,
        )


class UsersAnswer(BaseModel):
    """Users in the order of their logins."""

    users: list[UserAnswer]
    links: list[LinkAnswer] = []


class GroupAnswer(BaseModel):
    """A group and who is in it."""

    group: str
    members: list[str]


class GroupsAnswer(BaseModel):
    """All groups that have members."""

    groups: list[GroupAnswer]


class MeAnswer(BaseModel):
    """Who the caller is, and what they may do besides everything with their own collections."""

    user: str
    groups: list[str]
    admin: bool
    owns: str
    """The resources on which the caller has all rights without a grant."""
    key: KeyAnswer | None
    """The key in use; null for a bearer token of an identity provider."""
    grants: list[GrantAnswer]


class EntryAnswer(BaseModel):
    """An entry of the audit trail."""

    time: AwareDatetime
    event: str
    about: str
    by: str = ""
    detail: str = ""
    address: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, record: Record) -> EntryAnswer:
        """The way an entry is shown."""
        return cls.model_validate({name: record[name] for name in cls.model_fields if name in record})


class AuditAnswer(BaseModel):
    """Entries, newest first."""

    entries: list[EntryAnswer]
    links: list[LinkAnswer] = []
