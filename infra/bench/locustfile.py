"""What locust runs: users who send one request again and again, as the variable BENCH_REQUEST describes it."""

from __future__ import annotations

import json
import os

from locust import FastHttpUser, task

REQUEST = json.loads(os.environ["BENCH_REQUEST"])


class Searcher(FastHttpUser):  # type: ignore[misc]  # locust lives in an environment of its own, without types here
    """Somebody who wants one page, and then the same again."""

    @task  # type: ignore[untyped-decorator]  # as above
    def search(self) -> None:
        """Ask once."""
        self.client.request(REQUEST["method"], REQUEST["path"], json=REQUEST["body"] or None, name=REQUEST["name"])
