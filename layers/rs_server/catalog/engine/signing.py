"""AWS Signature Version 4 for Amazon OpenSearch Service, whose domains know IAM roles and no keys of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.credentials import Credentials

SERVICE = "es"
"""Name of Amazon OpenSearch Service in signatures and policies."""


class NoRole(Exception):
    """IAM signing was asked for where there are no AWS credentials, or no region."""


@dataclass(frozen=True, slots=True)
class RequestSigner:
    """Signs requests with a role's credentials. The signature holds method, path, query, media type and body."""

    credentials: Credentials
    region: str

    def headers(self, method: str, url: str, body: bytes | None, media_type: str) -> dict[str, str]:
        """Headers that the request is sent with: its media type, and those of the signature."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method, url, {"content-type": media_type}, body)
        keys = self.credentials.get_frozen_credentials()  # a role's change: those of this moment, all from one set
        SigV4Auth(keys, SERVICE, self.region).add_auth(request)
        return dict(request.headers.items())


def role_signer() -> RequestSigner:
    """Signs as the role that the function runs as; raises NoRole without one."""
    from botocore.session import get_session

    session = get_session()
    credentials, region = session.get_credentials(), session.get_config_variable("region")
    if credentials is None or not region:
        raise NoRole("SEARCH_ENGINE_AUTH is iam: that needs AWS credentials, and a region in AWS_DEFAULT_REGION.")
    return RequestSigner(credentials, str(region))
