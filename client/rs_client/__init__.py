"""rs-server from Python and from the command line: search stations, stage products, share collections.

from rs_client import Client

with Client("https://rs.example.org", key) as rs:
    session = next(rs.search("cadip", ids=["S1A_20241114143038056552"]).items())
    job = rs.jobs.stage("s1-l0", [session])
    rs.jobs.wait(job.id)
"""

from rs_client.catalog import Catalog
from rs_client.client import Client
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
from rs_client.search import Criteria

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
