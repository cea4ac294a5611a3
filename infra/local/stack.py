"""Bring the whole local stack up and down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from local import deploy, emulator, engine, pages, parts, seed, stack_file, stations
from local.options import Options
from local.parts import Home, PartFailed
from local.stack_file import Stack

if TYPE_CHECKING:
    from boto3.session import Session as AwsSession

ENGINE_NAME = "rs-server-local"
API_SECONDS = 60
"""For the first call to a function, which unpacks its layers."""


@dataclass(frozen=True, slots=True)
class LocalStack:
    """One stack below `home`, as `options` want it; `say` tells the user what happens."""

    home: Home
    options: Options
    say: Callable[[str], None]

    @property
    def file(self) -> Path:
        """The file that tells where the running stack is."""
        return self.home.folder / "stack.json"

    def up(self) -> Stack:
        """Have everything running, deployed and seeded; quick when it is. Raises PartFailed or SeedFailed."""
        build = pages.start_build(self.home)
        try:
            return self._up(build)
        finally:
            build.stop()

    def _up(self, build: pages.PagesBuild) -> Stack:
        self._start_backends()
        self._start_stations()
        before = stack_file.read(self.file)
        aws = emulator.session(self.options.ports.emulator)
        wanted = deploy.deployment(self.options, self.search_engine["url"])
        cloudformation = aws.client("cloudformation")
        outputs = deploy.read_outputs(cloudformation)
        if not outputs or before is None or before.fingerprint != wanted.fingerprint():
            stations.put_secrets(aws.client("secretsmanager"), stations.stations(self.options.ports))
            outputs = self._deploy(wanted, cloudformation)
        admin_key = aws.client("secretsmanager").get_secret_value(SecretId=outputs["AdminKeySecret"])["SecretString"]
        keys = self._seed(outputs["ApiUrl"], admin_key, before)
        stack = self._describe(outputs, wanted, keys, self._put_pages(build, aws, outputs))
        stack_file.write(self.file, stack)
        return stack

    def down(self) -> None:
        """End every part of the stack; what the emulator and the engine held is gone."""
        for name in sorted(self.home.running()):
            self.say(f"stopping {name}")
            parts.stop(name, self.home)
        self.file.unlink(missing_ok=True)

    @property
    def search_engine(self) -> dict[str, str]:
        """Kind and URL of the engine that the catalog uses: the user's, or the stack's own."""
        url = self.options.search_url or f"http://localhost:{self.options.ports.engine}"
        return {"kind": self.options.search_engine, "url": url}

    def _start_backends(self) -> None:
        """Have engine and emulator running. What they hold belongs together, so they begin anew together."""
        needed = [emulator.part(self.options.ports.emulator, self.home)]
        if not self.options.search_url:
            needed.insert(0, self._engine())
        elif not engine.is_up(self.options.search_url):
            raise PartFailed(f"The search engine at SEARCH_URL={self.options.search_url} does not answer, or is red.")
        before = stack_file.read(self.file)
        changed = before is not None and before.search_engine != self.search_engine
        if changed or not all(parts.is_running(part, self.home) for part in needed):
            self._begin_anew()
        for part in needed:
            self._start(part)

    def _begin_anew(self) -> None:
        parts.stop("emulator", self.home)
        parts.stop("engine", self.home)
        emulator.clear_scratch(self.home)
        engine.prepare(self.home)
        self.file.unlink(missing_ok=True)

    def _engine(self) -> parts.Part:
        jars = self.home.data("jars")
        if not jars.exists():
            self.say("fetching the search engine (72 MB, once)")
        node = engine.Engine(ENGINE_NAME, self.options.ports.engine, self.options.engine_heap)
        return engine.part(node, self.home, engine.fetch_jars(jars))

    def _start_stations(self) -> None:
        for station in stations.stations(self.options.ports):
            self._start(stations.part(station))

    def _start(self, part: parts.Part) -> None:
        if parts.ensure(part, self.home):
            self.say(f"{part.name} runs on port {part.port}")

    def _deploy(self, wanted: deploy.Deployment, cloudformation: Any) -> dict[str, str]:
        self.say("building functions and layers")
        deploy.build(self.home, self.options.deploy_seconds)
        self.say("deploying template.yaml")
        deploy.deploy(wanted, cloudformation, self.home, self.options.deploy_seconds)
        return deploy.read_outputs(cloudformation)

    def _seed(self, api_url: str, admin_key: str, before: Stack | None) -> dict[str, str]:
        with httpx.Client(base_url=api_url, timeout=API_SECONDS) as client:
            return seed.Seeder(client, admin_key).seed(before.keys if before else {})

    def _put_pages(self, build: pages.PagesBuild, aws: AwsSession, outputs: dict[str, str]) -> str | None:
        """STAC Browser and our pages, in their bucket; all else works without them, so a failure is said, no more."""
        if build.process is not None:
            self.say("building STAC Browser (once)")
        try:
            return pages.put(build.wait(), aws, outputs)
        except PartFailed as failure:
            self.say(f"There will be no web pages. {failure}")
            return None

    def _describe(
        self, outputs: dict[str, str], wanted: deploy.Deployment, keys: dict[str, str], browser_url: str | None
    ) -> Stack:
        return Stack(
            api_url=outputs["ApiUrl"],
            browser_url=browser_url,
            search_engine=self.search_engine,
            aws_endpoint_url=wanted.endpoint,
            bucket=outputs["BucketName"],
            stations={
                station.service: {"url": station.url, "name": station.name, "service_root": station.url + station.root}
                for station in stations.stations(self.options.ports)
            },
            keys=keys,
            outputs=outputs,
            fingerprint=wanted.fingerprint(),
        )
