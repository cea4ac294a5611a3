"""Subjects: whom a grant is for. `user:x`, `group:x`, `authenticated` (who has a credential) and `public` (anyone)."""

from __future__ import annotations

import re

from rs_server.errors import InvalidRequest
from rs_server.stac.ids import OWNER, RESERVED_OWNERS

AUTHENTICATED = "authenticated"
PUBLIC = "public"
GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def check_login(login: str) -> str:
    """Return `login` if a user may have it, since it is the owner's name in collections; else raise InvalidRequest."""
    if not OWNER.fullmatch(login):
        raise InvalidRequest(
            f"Login {login!r}: write 1 to 63 lower-case letters, digits, '_' and '-', with a letter or digit first."
        )
    if login in RESERVED_OWNERS:
        raise InvalidRequest(f"Login {login!r} is reserved. Choose another.")
    return login


def check_group(group: str) -> str:
    """Return `group` if it can be a group's name; else raise InvalidRequest."""
    if not GROUP.fullmatch(group):
        raise InvalidRequest(
            f"Group {group!r}: write 1 to 63 letters, digits, '.', '_' and '-', with a letter or digit first."
        )
    return group


def check_subject(text: str) -> str:
    """Return `text` if it is a subject; else raise InvalidRequest saying what subjects look like."""
    kind, _, name = text.partition(":")
    if text in {AUTHENTICATED, PUBLIC}:
        return text
    if kind == "user":
        return f"user:{check_login(name)}"
    if kind == "group":
        return f"group:{check_group(name)}"
    raise InvalidRequest(f"Subject {text!r}: write 'user:LOGIN', 'group:GROUP', 'authenticated' or 'public'.")
