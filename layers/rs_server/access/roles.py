"""Role names of the public rs-server, as identity providers give them to users, read as grants.

| role | grant |
|---|---|
| `rs_catalog_{owner}:{collection}_{read, write or download}` | that action on `catalog:{owner}:{collection}` |
| `rs_{cadip, auxip, prip or lta}_{station}_{read or download}` | that action on `{service}:{station}` |
| `rs_processes_staging_{read, execute or dismiss}` | `read`, `write` or `manage` on `process:staging` |
| `rs_processes_staging_download_{station}` | `download` on the station of that name, in every service |

Owners, collections and stations may have `_` in their names, so the action is what follows the last one. `*` may stand
for a whole owner, collection or station. Other roles, such as `rs_cadip_landing_page`, mean nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rs_server.access.resources import STATION_SERVICES, ResourcePattern
from rs_server.access.rights import Grant
from rs_server.errors import InvalidRequest

CATALOG = "rs_catalog_"
STAGING = "rs_processes_staging_"
STAGING_DOWNLOAD = "rs_processes_staging_download_"
STAGING_ACTIONS = {"read": "read", "execute": "write", "dismiss": "manage"}
CATALOG_ACTIONS = frozenset({"read", "write", "download"})
STATION_ACTIONS = frozenset({"read", "download"})

Meaning = tuple[str, str]
"""An action, and the text of a resource pattern."""


def grants_of_roles(subject: str, roles: Iterable[str]) -> Sequence[Grant]:
    """The grants that role names mean for `subject`, one for each resource; names that mean nothing are left out."""
    actions: dict[ResourcePattern, set[str]] = {}
    for role in roles:
        for action, text in _meanings(role):
            try:
                actions.setdefault(ResourcePattern.parse(text), set()).add(action)
            except InvalidRequest:
                continue
    return [Grant(subject, pattern, frozenset(found)) for pattern, found in actions.items()]


def _meanings(role: str) -> Sequence[Meaning]:
    if role.startswith(STAGING_DOWNLOAD):
        station = role.removeprefix(STAGING_DOWNLOAD)
        return [("download", f"{service}:{station}") for service in STATION_SERVICES]
    if role.startswith(STAGING):
        action = STAGING_ACTIONS.get(role.removeprefix(STAGING))
        return [(action, "process:staging")] if action else []
    name, _, action = role.rpartition("_")
    if name.startswith(CATALOG):
        whole = name.removeprefix(CATALOG)
        return [(action, f"catalog:{whole}")] if action in CATALOG_ACTIONS and _no_prefix_pattern(whole) else []
    service, _, station = name.removeprefix("rs_").partition("_")
    known = role.startswith("rs_") and service in STATION_SERVICES and action in STATION_ACTIONS
    return [(action, f"{service}:{station}")] if known else []


def _no_prefix_pattern(text: str) -> bool:
    """Whether `*` stands for whole parts only: these roles know no `s1-*`, so a collection so named is not meant."""
    return all(part == "*" or "*" not in part for part in text.split(":"))
