"""Dead letters on the deployed stack: an administrator sees one, sends it again, and throws another away."""

from __future__ import annotations

import json
import time
import uuid

import pytest


@pytest.fixture
def letter(stack, aws):
    """Puts work that nobody has into the queue of dead letters; its job."""
    job = f"e2e-{uuid.uuid4()}"
    aws.client("sqs").send_message(
        QueueUrl=stack.outputs["TransferDeadLettersUrl"], MessageBody=json.dumps({"kind": "plan", "job": job})
    )
    return job


def find(http, job):
    """The letter about a job; None if there is none."""
    until = time.monotonic() + 40
    while True:
        answer = http.get("/dead-letters").raise_for_status().json()
        found = next((letter for letter in answer["dead_letters"] if letter.get("job") == job), None)
        if found or time.monotonic() > until:
            return found
        time.sleep(1)


@pytest.mark.parametrize("end", ["replay", "delete"])
def test_a_dead_letter_is_seen_and_comes_to_its_end(api, letter, end):
    http = api("admin")
    found = find(http, letter)
    assert found
    path = f"/dead-letters/{found['id']}"
    answer = http.post(f"{path}/replay") if end == "replay" else http.delete(path)
    assert answer.status_code == (200 if end == "replay" else 204), answer.text
    letters = http.get("/dead-letters").raise_for_status().json()["dead_letters"]
    assert letter not in {each.get("job") for each in letters}
    assert api("alice").get("/dead-letters").status_code == 403
