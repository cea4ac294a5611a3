"""The deployment of template.yaml to the emulator, by the same two SAM commands as to AWS."""

from __future__ import annotations

import hashlib
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import emulator, stations
from local.options import Options
from local.parts import Home, PartFailed, tail

ROOT = Path(__file__).parents[2]
STACK_NAME = "rs-server"
STAGE = "v1"
SOURCES = ("functions", "layers")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is deployed where: a digest of the code, and the template's parameters."""

    endpoint: str
    code: str
    parameters: Mapping[str, str]

    def fingerprint(self, template: Path = ROOT / "template.yaml") -> str:
        """Changes whenever deploying again would change something."""
        values = (f"{name}={self.parameters[name]}" for name in sorted(self.parameters))
        parts = [template.read_text(), self.endpoint, self.code, *values]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def code_digest(root: Path = ROOT) -> str:
    """SHA-256 over the names and contents of all files that make up functions and layers."""
    digest = hashlib.sha256()
    files = (path for source in SOURCES for path in (root / source).rglob("*") if path.is_file())
    for path in sorted(file for file in files if "__pycache__" not in file.parts):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def deployment(options: Options, search_url: str) -> Deployment:
    """The deployment that the local stack wants now."""
    endpoint = emulator.url(options.ports.emulator)
    return Deployment(
        endpoint,
        code_digest(),
        {
            "StageName": STAGE,
            "ApiUrlPattern": f"{endpoint}/_aws/execute-api/{{api}}/{STAGE}",
            "BrowserUrlPattern": f"{endpoint}/{{bucket}}",
            "SearchEngine": options.search_engine,
            "SearchEngineUrl": search_url,
            "StationProfiles": "simulators",
            "StationSecretPrefix": stations.SECRET_PREFIX,
        },
    )


def layer_platform() -> str:
    """The platform for which layers are built to run here, in uv's words."""
    machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    return f"{machine}-apple-darwin" if sys.platform == "darwin" else f"{machine}-manylinux_2_34"


def build(home: Home, seconds: float) -> None:
    """`sam build`, which does nothing for what has not changed. Raises PartFailed."""
    command = ["build", "--template", "template.yaml", "--cached", "--parallel"]
    folders = ["--build-dir", str(home.folder / "build"), "--cache-dir", str(home.folder / "build-cache")]
    run_sam("build", [*command, *folders], {"LAYER_PLATFORM": layer_platform()}, home, seconds)


def deploy(wanted: Deployment, cloudformation: Any, home: Home, seconds: float) -> None:
    """`sam deploy` of what `build` made. Raises PartFailed, with CloudFormation's reasons."""
    _remove_failed(cloudformation)
    command = ["deploy", "--template-file", str(home.folder / "build" / "template.yaml"), "--stack-name", STACK_NAME]
    answers = ["--no-confirm-changeset", "--no-fail-on-empty-changeset", "--resolve-s3"]
    capabilities = ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    values = [f"{name}={value}" for name, value in wanted.parameters.items()]
    command += [*answers, *capabilities, "--parameter-overrides", *values]
    try:
        run_sam("deploy", command, {"AWS_ENDPOINT_URL": wanted.endpoint}, home, seconds)
    except PartFailed as failure:
        reasons = "\n".join(failed_resources(cloudformation))
        raise PartFailed(f"{failure}\n{reasons}") from failure


def _remove_failed(cloudformation: Any) -> None:
    """Delete a stack whose first deployment failed: CloudFormation does not update such a one."""
    if stack_status(cloudformation) in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}:
        cloudformation.delete_stack(StackName=STACK_NAME)
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=STACK_NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )


def failed_resources(cloudformation: Any) -> list[str]:
    """What failed in the last deployment, and why: the first failure is the cause of the others."""
    try:
        events = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    except cloudformation.exceptions.ClientError:
        return []
    failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("_FAILED")]
    return [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}" for event in failed]


def stack_status(cloudformation: Any) -> str:
    """Status of the deployed stack, or nothing without one."""
    try:
        return str(cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]["StackStatus"])
    except cloudformation.exceptions.ClientError:
        return ""


def run_sam(name: str, arguments: Sequence[str], more: Mapping[str, str], home: Home, seconds: float) -> None:
    """Run the SAM command line, its output in the log `name`. It is ended when it takes longer than `seconds`."""
    log = home.log(name)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(home.folder / "bin" / "sam"), *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**_environment(home), **more},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            _end(process)
    if status is None:
        raise PartFailed(f"sam {name} did not end within {seconds:.0f} s (DEPLOY_SECONDS).{tail(log)}")
    if status != 0:
        raise PartFailed(f"sam {name} failed.{tail(log)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command that was given up, with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(home: Home) -> dict[str, str]:
    """The caller's environment, with the emulator's credentials and the tools of this clone before all others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "PATH": f"{home.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
        "AWS_ACCESS_KEY_ID": emulator.CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": emulator.CREDENTIALS["aws_secret_access_key"],
        "AWS_DEFAULT_REGION": emulator.REGION,
    }


def read_outputs(cloudformation: Any) -> dict[str, str]:
    """The outputs of the deployed stack; nothing when there is none."""
    try:
        stacks = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    except cloudformation.exceptions.ClientError:
        return {}
    return {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}
