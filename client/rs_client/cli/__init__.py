"""`rs`, the command line: one module a noun, each a thin face of `rs_client.Client`."""

from rs_client.cli.main import app

__all__ = ["app"]
