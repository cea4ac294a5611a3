"""Every failure of the client: what happened, a hint on what to do, and the exit code of the command line.

RsClientError
├── NotConfigured      no address, or one that is none
├── Unauthenticated    the key is missing, wrong, expired or revoked (401)
├── Refused            the server understood and said no (other 4xx)
├── ServiceFailed      the server failed, or answered what no rs-server answers (5xx)
├── Unreachable        no answer at all
├── Damaged            what was downloaded is not what the item describes
├── Incomplete         some of several files could not be downloaded
├── Interrupted        a transfer was told to stop
├── JobEnded           a job ended otherwise than `successful`
└── InvalidCriteria    what was asked for cannot be sent
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How `rs` ends; 0 is success and 130 an interrupt, as in any shell."""

    FAILED = 1
    USAGE = 2
    CREDENTIAL = 3
    REFUSED = 4
    SERVICE = 5
    DISMISSED = 6


class RsClientError(Exception):
    """Base of the client's errors; `hint` tells what to do next, and may be empty."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotConfigured(RsClientError):
    """The client was not told which server to talk to."""

    exit_code = ExitCode.USAGE


class Unauthenticated(RsClientError):
    """The server knows no such key, or needs one and got none."""

    exit_code = ExitCode.CREDENTIAL


class Refused(RsClientError):
    """The server refused the request; `status` is its HTTP status."""

    exit_code = ExitCode.REFUSED

    def __init__(self, message: str, hint: str = "", *, status: int) -> None:
        super().__init__(message, hint)
        self.status = status


class ServiceFailed(RsClientError):
    """The server, or a station behind it, failed."""

    exit_code = ExitCode.SERVICE


class Unreachable(RsClientError):
    """The server gave no answer."""

    exit_code = ExitCode.SERVICE


class Damaged(RsClientError):
    """Downloaded bytes do not have the size or checksum that the item states."""


class Incomplete(RsClientError):
    """Some of several files could not be downloaded; what went wrong with each was told."""


class Interrupted(RsClientError):
    """A transfer was told to stop; what it has brought stays for the next attempt."""


class JobEnded(RsClientError):
    """A job ended as `failed` or `dismissed`."""

    def __init__(self, message: str, hint: str = "", *, dismissed: bool = False) -> None:
        super().__init__(message, hint)
        self.exit_code = ExitCode.DISMISSED if dismissed else ExitCode.FAILED


class InvalidCriteria(RsClientError):
    """What was asked for cannot be sent, such as a search for a date that is none, or a new item without a time."""

    exit_code = ExitCode.USAGE
