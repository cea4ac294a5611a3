"""What a function finds in its environment when it is imported by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]

VALUES = {
    "OWN_INDEX_ITEMS": "2000000",
    "SEARCH_ENGINE": "opensearch",
    "SEARCH_ENGINE_URL": "https://search.example",
    "SEARCH_ENGINE_SECRET": "",
    "SEARCH_ENGINE_AUTH": "iam",
    "STATION_PROFILES": "simulators",
    "STATION_SECRET_PREFIX": "rs-server/stations/",
    "SERVICE_FUNCTIONS": "cadip=cadip-function,catalog=catalog-function",
    "TRANSFER_QUEUE_URL": "https://sqs.example/1/transfers",
    "JOB_DAYS": "90",
    "USER_JOBS": "100",
    "USER_BYTES": "1000",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.example/1/dead-letters",
}
"""Values of variables that are read for more than their presence."""


def environment_of(properties: dict[str, Any]) -> dict[str, str]:
    """The variables of a function of the template, each with some value, and the package."""
    return {
        "PYTHONPATH": str(ROOT / "layers"),
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        **{variable: VALUES.get(variable, "given") for variable in properties["Environment"]["Variables"]},
    }
