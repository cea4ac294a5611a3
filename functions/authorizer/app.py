"""The authorizer of the API: who is calling."""

from __future__ import annotations

import os

from rs_server.access.authentication import Authenticator, BearerTokens
from rs_server.access.authorizer import authorizer_handler
from rs_server.access.store.table import connect
from rs_server.settings import AccessSettings, OidcSettings, read

table = connect(read(AccessSettings, os.environ).access_table)
provider = read(OidcSettings, os.environ)


def bearer_tokens() -> BearerTokens:
    """The reader of the identity provider's tokens, imported when the first one arrives."""
    from rs_server.access.bearer import BearerReader
    from rs_server.access.oidc import ProviderKeys, TokenVerifier

    return BearerReader(provider, TokenVerifier(provider, ProviderKeys(provider)), table)


handler = authorizer_handler(Authenticator(table, bearer_tokens if provider.oidc_issuer else None))
