"""rs-server from Python and from the command line: search stations, stage products, share collections.

from rs_client import Client

with Client("https://rs.example.org", key) as rs:  # or Client.of_profile(), after `rs login`
    session = next(rs.search("cadip", ids=["S1A_20241114143038056552"]).items())
    job = rs.jobs.stage("s1-l0", [session])
    rs.jobs.wait(job.id)

Names are imported when they are first used (PEP 562): `rs --help` would otherwise wait for all that a search needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rs_client.catalog import Catalog
    from rs_client.client import Client
    from rs_client.criteria import Criteria
    from rs_client.downloads import Downloaded, Downloads
    from rs_client.errors import (
        Damaged,
        NotConfigured,
        Refused,
        RsClientError,
        ServiceFailed,
        Unauthenticated,
        Unreachable,
    )
    from rs_client.grants import Grant, Grants
    from rs_client.jobs import Job, Jobs
    from rs_client.keys import Key, Keys

__all__ = [
    "Catalog",
    "Client",
    "Criteria",
    "Damaged",
    "Downloaded",
    "Downloads",
    "Grant",
    "Grants",
    "Job",
    "Jobs",
    "Key",
    "Keys",
    "NotConfigured",
    "Refused",
    "RsClientError",
    "ServiceFailed",
    "Unauthenticated",
    "Unreachable",
]

MODULES = {
    "catalog": {"Catalog"},
    "client": {"Client"},
    "criteria": {"Criteria"},
    "downloads": {"Downloaded", "Downloads"},
    "grants": {"Grant", "Grants"},
    "jobs": {"Job", "Jobs"},
    "keys": {"Key", "Keys"},
}
"""Where names are; all others are errors."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = next((module for module, names in MODULES.items() if name in names), "errors")
    return getattr(import_module(f"{__name__}.{module}"), name)
