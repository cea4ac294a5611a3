"""What is sent again while a service fails, how often, and after what wait."""

from __future__ import annotations

import httpx
import pytest

from rs_client import Refused, ServiceFailed
from rs_client.repeating import RepeatingTransport
from rs_client.transport import Api


class Service:
    """Answers with `statuses`, one after the other, then with 200."""

    def __init__(self, *statuses: int, retry_after: str = "") -> None:
        self.statuses = statuses
        self.headers = {"retry-after": retry_after} if retry_after else {}
        self.asked = 0
        self.waited: list[float] = []
        transport = RepeatingTransport(httpx.MockTransport(self.answer), self.waited.append)
        self.api = Api("https://rs.example.org/v1", transport=transport)

    def answer(self, _: httpx.Request) -> httpx.Response:
        status = self.statuses[self.asked] if self.asked < len(self.statuses) else 200
        self.asked += 1
        return httpx.Response(status, json={"asked": self.asked}, headers=self.headers)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_what_only_reads_is_asked_again_while_the_service_fails(status):
    service = Service(status, status)
    assert service.api.request("GET", "/jobs") == {"asked": 3}
    assert service.waited == [0.5, 1.0]


def test_a_service_that_goes_on_failing_is_said_to_fail():
    service = Service(*[503] * 9)
    with pytest.raises(ServiceFailed):
        service.api.request("GET", "/jobs")
    assert service.asked == 4


@pytest.mark.parametrize(("asked", "waited"), [("3", 3.0), ("86400", 10.0), ("soon", 0.5), ("-1", 0.5)])
def test_a_service_may_say_how_long_to_wait(asked, waited):
    service = Service(503, retry_after=asked)
    service.api.request("GET", "/jobs")
    assert service.waited == [waited]


@pytest.mark.parametrize(
    ("method", "status", "error"),
    [
        ("POST", 503, ServiceFailed),
        ("DELETE", 500, ServiceFailed),
        ("PUT", 502, ServiceFailed),
        ("GET", 404, Refused),
        ("GET", 429, Refused),
    ],
)
def test_what_changes_something_and_what_is_refused_is_sent_once(method, status, error):
    service = Service(status)
    with pytest.raises(error):
        service.api.request(method, "/jobs")
    assert (service.asked, service.waited) == (1, [])
