"""`python -m browser build`, and `python -m browser deploy STACK` for AWS: what is built goes to the stack's bucket."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from browser.build import BuildFailed, build
from browser.publish import publish, settings, site

HOME = Path(__file__).parents[2] / ".local" / "browser"


def main() -> int:
    """Run one command; 1 with a message when it cannot be done."""
    parser = argparse.ArgumentParser(prog="browser", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="have the build of the present sources")
    deploy = commands.add_parser("deploy", help="build, and put it into the bucket of a deployed stack")
    deploy.add_argument("stack", help="name of the CloudFormation stack")
    arguments = parser.parse_args()
    try:
        built = build(HOME)
        if arguments.command == "deploy":
            print(_deploy(arguments.stack, built.site))
    except (BuildFailed, BotoCoreError, ClientError, LookupError) as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _deploy(stack: str, built: Path) -> str:
    """Publish for a deployed stack, with the credentials and region of the environment; gives what to say."""
    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    if "BrowserBucketName" not in outputs:
        raise LookupError(f"The stack {stack} has no bucket for the browser: deploy the present template.yaml first.")
    written = publish(boto3.client("s3"), outputs["BrowserBucketName"], site(built, settings(outputs)))
    return f"{written} files written: {outputs['BrowserUrl']}"


if __name__ == "__main__":
    sys.exit(main())
