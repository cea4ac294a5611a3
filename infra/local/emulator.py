"""The AWS emulator: MiniStack, which runs functions as processes of its own interpreter and needs no container.

It enforces IAM policies, signatures and bucket CORS (`AUTH`), so that what works here has the rights it needs on AWS.
All it holds is in memory and ends with it.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localstack_client.session import Session

from local.looking import look
from local.parts import Home, Part

if TYPE_CHECKING:
    from boto3.session import Session as AwsSession

CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
"""The emulator's administrator."""
REGION = "us-east-1"
WARM_SECONDS = 3600
"""How long a process of a function waits for its next call. The deployment starts one for each function. Ended after
some minutes, as on AWS, it would have to be unpacked anew for whoever comes next: half a minute on a busy laptop."""
START = "import runpy, zipfile; runpy.run_module('ministack', run_name='__main__')"
"""It imports zipfile when the first functions start; in two threads at once that now and then fails for one of them,
which then runs without its layers. So the module is there before any thread is."""


def url(port: int) -> str:
    """Where AWS clients reach the emulator."""
    return f"http://localhost:{port}"


def part(port: int, home: Home) -> Part:
    """The emulator as a part of the stack."""
    return Part(
        name="emulator",
        port=port,
        command=command(port, home),
        ready=partial(is_ready, port),
    )


def command(port: int, home: Home) -> tuple[str, ...]:
    """The command line that starts it, with its whole environment."""
    variables = (f"{name}={value}" for name, value in environment(port, scratch(home)).items())
    return ("/usr/bin/env", "-i", *variables, str(home.folder / "emulator" / "bin" / "python"), "-c", START)


def environment(port: int, scratch: Path) -> dict[str, str]:
    """All that the emulator is told. Nothing of the caller's own environment: functions would see it."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "LAMBDA_EXECUTOR": "local",
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_WARM_TTL_SECONDS": str(WARM_SECONDS),
    }


def scratch(home: Home) -> Path:
    """Folder into which functions are unpacked, one copy for each process."""
    return home.folder / "tmp" / "emulator"


def clear_scratch(home: Home) -> None:
    """Remove what an earlier run left: some 100 MB for each process of a function."""
    folder = scratch(home)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def is_ready(port: int) -> bool:
    """Whether the emulator answers."""
    answer = look(f"{url(port)}/_localstack/health")
    return answer is not None and answer.is_success


def session(port: int) -> AwsSession:
    """A session whose clients talk to the emulator, as its administrator."""
    session: Any = Session(
        **CREDENTIALS, aws_session_token=None, region_name=REGION, localstack_host=f"localhost:{port}"
    )
    return session  # type: ignore[no-any-return]  # it has boto3's `client` and `resource`
