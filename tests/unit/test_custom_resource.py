"""A custom resource always answers: what was done, what failed, and what took too long."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from rs_server.custom_resource import ANSWER_SECONDS, LONGEST_REASON, custom_resource_handler

URL = "https://cloudformation.example/answer?signature=1"


@dataclass
class Context:
    milliseconds: int = 60_000
    log_group_name: str = "/aws/lambda/deployment"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def event(kind: str = "Create", **more: str) -> dict[str, str]:
    ids = {"StackId": "arn:stack", "RequestId": "request-1", "LogicalResourceId": "Deployment"}
    return {"RequestType": kind, "ResponseURL": URL, **ids, **more}


def answer_of(prepare: Callable[[], None], sent_event: dict[str, str], context: Context | None = None) -> Any:
    sent: list[tuple[str, bytes]] = []
    custom_resource_handler(prepare, lambda url, body: sent.append((url, body)))(sent_event, context or Context())
    ((url, body),) = sent
    assert url == URL
    return json.loads(body)


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_it_prepares_and_says_so(kind: str) -> None:
    done: list[str] = []
    answer = answer_of(lambda: done.append("prepared"), event(kind))
    assert done == ["prepared"]
    assert answer == {
        "Status": "SUCCESS",
        "Reason": "done",
        "PhysicalResourceId": "Deployment",
        "StackId": "arn:stack",
        "RequestId": "request-1",
        "LogicalResourceId": "Deployment",
    }


def test_deleting_it_undoes_nothing() -> None:
    def prepare() -> None:
        raise AssertionError

    assert answer_of(prepare, event("Delete", PhysicalResourceId="kept"))["Status"] == "SUCCESS"


def test_the_physical_id_stays() -> None:
    assert answer_of(lambda: None, event("Update", PhysicalResourceId="first"))["PhysicalResourceId"] == "first"


def test_a_failure_is_an_answer_with_its_reason() -> None:
    def prepare() -> None:
        raise ValueError("the engine refused " + "x" * 5000)

    answer = answer_of(prepare, event())
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("ValueError: the engine refused")
    assert len(answer["Reason"]) <= LONGEST_REASON


def test_it_answers_before_its_time_is_over() -> None:
    go_on = threading.Event()
    answer = answer_of(lambda: go_on.wait(120), event(), Context(int(ANSWER_SECONDS * 1000) + 50))
    go_on.set()
    assert answer["Status"] == "FAILED"
    assert "/aws/lambda/deployment" in answer["Reason"]
