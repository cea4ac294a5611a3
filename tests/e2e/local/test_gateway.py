"""What the gateway answers by itself can be read from other origins, in the words of both our error forms."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

Api = Callable[..., httpx.Client]

ELSEWHERE = {"origin": "http://elsewhere"}
BOTH_FORMS = {"code", "description", "request_id", "type", "title", "status", "detail"}
SERVICES = ("access/me", "catalog/collections", "cadip/collections", "processes", "jobs")


def test_a_wrong_key_is_refused_in_a_form_that_pages_of_other_origins_can_read(api: Api) -> None:
    answer = api(key="wrong").get("/jobs", headers=ELSEWHERE)
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json().keys() >= BOTH_FORMS
    assert answer.json()["status"] == 401


@pytest.mark.parametrize("path", SERVICES)
def test_a_preflight_needs_no_key(api: Api, path: str) -> None:
    asks = {"access-control-request-method": "DELETE", "access-control-request-headers": "x-api-key"}
    answer = api().options(f"/{path}", headers=ELSEWHERE | asks)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert "x-api-key" in answer.headers["access-control-allow-headers"].lower()


def test_an_unknown_path_is_not_found(api: Api) -> None:
    answer = api().get("/nothing/here", headers=ELSEWHERE)
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["code"] == "NotFound"
