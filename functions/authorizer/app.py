"""The authorizer of the API: who is calling."""

from __future__ import annotations

import os

from rs_server.access.authentication import Authenticator
from rs_server.access.authorizer import authorizer_handler
from rs_server.access.store.table import connect
from rs_server.settings import AccessSettings, read

handler = authorizer_handler(Authenticator(connect(read(AccessSettings, os.environ).access_table)))
