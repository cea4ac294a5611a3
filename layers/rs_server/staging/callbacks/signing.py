"""Signatures of callbacks, as the Standard Webhooks specification has them, so that its libraries verify ours.

The secret is the subscriber's own or made for the job; the signature is over the id, the time and the body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A random secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The key that a secret stands for; raises ValueError if it is none of 24 to 64 bytes."""
    if not secret.startswith(PREFIX):
        raise ValueError(f"it must begin with {PREFIX!r}")
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    if not 24 <= len(key) <= 64:
        raise ValueError("it must hold 24 to 64 bytes in base64")
    return key


def signed_headers(secret: str, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of a signed callback that is sent at `seconds` since 1970."""
    signed = b".".join((message_id.encode(), str(seconds).encode(), body))
    signature = base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(seconds), "webhook-signature": f"v1,{signature}"}
