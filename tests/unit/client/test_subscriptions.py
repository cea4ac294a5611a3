"""Standing orders and dead letters, from Python and as they are typed."""

from __future__ import annotations

import json

import httpx

SHOWN = {
    "id": "o1",
    "status": "active",
    "label": "passes",
    "source": {"service": "cadip", "collections": ["s1_mti"], "filter": "platform = 'sentinel-1a'"},
    "collection": "alice:s1-l0",
    "items": {"found": 3, "staged": 2, "failed": 1, "dismissed": 0},
    "error": {"status": 503, "reason": "Station cadip:mti does not answer.", "since": "2026-11-28T05:00:00Z"},
}


def test_a_standing_order_is_added(server, rs):
    server.on("POST", "/subscriptions", SHOWN, 201)
    words = ["subscribe", "add", "cadip", "--to", "s1-l0", "-c", "s1_mti", "--filter", "platform = 'sentinel-1a'"]
    answer = rs(*words, "--asset", "a.raw", "--label", "passes", "--since", "2024-11-14T14:00:00Z")
    assert (answer.exit_code, answer.stdout.strip()) == (0, "o1")
    assert json.loads(server.requests[-1].content) == {
        "source": SHOWN["source"],
        "collection": "s1-l0",
        "asset_names": ["a.raw"],
        "label": "passes",
        "since": "2024-11-14T14:00:00Z",
    }


def test_standing_orders_are_listed_over_all_pages_with_their_trouble(server, rs):
    pages = iter([{"subscriptions": [SHOWN], "links": [{"rel": "next", "href": "/subscriptions?token=t"}]}])
    last = {"subscriptions": [SHOWN | {"id": "o2", "error": None}], "links": []}
    server.on("GET", "/subscriptions", lambda _: httpx.Response(200, json=next(pages, last)))
    lines = rs("subscribe", "list").stdout.splitlines()
    assert len(lines) == 3
    assert lines[1].split()[:4] == ["o1", "active", "s1_mti", "alice:s1-l0"]
    assert lines[1].endswith("does not answer.")


def test_pause_resume_show_and_remove(server, rs):
    server.on("PATCH", "/subscriptions/o1", SHOWN)
    server.on("GET", "/subscriptions/o1", SHOWN)
    server.on("DELETE", "/subscriptions/o1", None, 204)
    for word, status in (("pause", "paused"), ("resume", "active")):
        assert rs("subscribe", word, "o1").exit_code == 0
        assert json.loads(server.requests[-1].content) == {"status": status}
    assert json.loads(rs("subscribe", "show", "o1").stdout) == SHOWN
    assert rs("subscribe", "remove", "o1").exit_code == 0
    assert server.requests[-1].method == "DELETE"


LETTER = {
    "id": "d1",
    "sent": "2026-11-28T05:00:00Z",
    "kind": "plan",
    "job": "j1",
    "owner": "alice",
    "status": "running",
}


def test_dead_letters_are_listed_sent_again_and_deleted(server, rs):
    server.on("GET", "/dead-letters", {"dead_letters": [LETTER], "complete": True})
    server.on("POST", "/dead-letters/replay", {"replayed": 4})
    server.on("POST", "/dead-letters/d1/replay", {"replayed": 1})
    server.on("DELETE", "/dead-letters/d1", None, 204)
    assert "d1" in rs("admin", "dead-letters", "list").stdout
    assert json.loads(rs("admin", "dead-letters", "list", "--json").stdout) == [LETTER]
    assert rs("admin", "dead-letters", "replay").stdout.strip() == "4 sent again."
    assert rs("admin", "dead-letters", "replay", "d1").stdout.strip() == "1 sent again."
    assert rs("admin", "dead-letters", "delete", "d1").exit_code == 0
