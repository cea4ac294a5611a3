"""STAC Browser and our own pages on the local stack: built beside the other steps, then put into their bucket.

The build takes minutes and needs Node and the npm registry. Without it the stack is whole but for its pages.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from browser.build import Built, finished
from browser.publish import publish, settings, site
from local.parts import Home, PartFailed, tail

if TYPE_CHECKING:
    from boto3.session import Session as AwsSession

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
BUILD_SECONDS = 600
"""How much longer than all other steps the build may take."""


@dataclass(frozen=True, slots=True)
class PagesBuild:
    """The build: done already, or under way."""

    home: Home
    process: subprocess.Popen[bytes] | None

    def wait(self) -> Built:
        """The finished build; raises PartFailed when it failed, with what it said last."""
        if self.process is not None:
            try:
                self.process.wait(BUILD_SECONDS)
            except subprocess.TimeoutExpired:
                self.stop()
                raise PartFailed(f"STAC Browser was not built in time.{tail(self.home.log('browser'))}") from None
        built = finished(self.home.data("browser"))
        if built is None:
            raise PartFailed(f"STAC Browser could not be built.{tail(self.home.log('browser'))}")
        return built

    def stop(self) -> None:
        """End a build that nobody waits for any more."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


def start_build(home: Home) -> PagesBuild:
    """Begin to build, unless what is wanted is there; the other steps go first where they want the processor."""
    if finished(home.data("browser")) is not None:
        return PagesBuild(home, None)
    log = home.log("browser")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return PagesBuild(home, _build(output))


def _build(output: IO[bytes]) -> subprocess.Popen[bytes]:
    command = ["nice", "-n", "5", sys.executable, "-m", "browser", "build"]
    return subprocess.Popen(command, cwd=INFRA, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)


def put(built: Built, aws: AwsSession, outputs: Mapping[str, str]) -> str:
    """Put the pages where the deployed stack wants them; gives the browser's address."""
    publish(aws.client("s3"), outputs["BrowserBucketName"], site(built.site, settings(outputs)))
    return outputs["BrowserUrl"]
