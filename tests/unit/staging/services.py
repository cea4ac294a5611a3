"""Our other services, as far as staging calls them."""

# ruff: noqa: N803  # the arguments of AWS clients are written so
from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.unit.staging.cast import BASE_URL, COLLECTION

if TYPE_CHECKING:
    from tests.unit.staging.world import World

INGEST_TIMEOUT = timedelta(seconds=60)


class FakeLambda:
    """Our other services, as far as staging calls them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.functions: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "ingest": self._ingest,
            "catalog-fn": self._catalog,
            "cadip-fn": self._cadip,
        }

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        event = json.loads(Payload)
        self.calls.append((FunctionName, event))
        answer = self.functions[FunctionName](event)
        return {"Payload": Body(json.dumps(answer).encode())}

    def _ingest(self, event: dict[str, Any]) -> dict[str, Any]:
        place = event["items"]
        if self.world.clock.now() + INGEST_TIMEOUT > datetime.fromisoformat(event["until"]):
            return {"errorMessage": "too late"}
        if event.get("take_back"):
            return self._take_back(event["job"])
        document = json.loads(self.world.s3.get_object(Bucket=place["bucket"], Key=place["key"])["Body"].read())
        features = document["features"]
        if event["together"] and (refused := [one for one in features if one["id"] in self.world.refusals]):
            fate = self._write(refused[0])
            return {"items": [fate | {"id": item["id"]} for item in features]}
        return {"items": [self._write(item) for item in features]}

    def _take_back(self, job: str) -> dict[str, Any]:
        """Undo what `dying_between` left."""
        key = f"jobs/{job}/journal.json"
        before = json.loads(self.world.s3.get_object(Bucket=self.world.bucket, Key=key)["Body"].read())
        for name, stored in before.items():
            self.world.items.pop(name, None)
            self.world.items |= {name: stored} if stored else {}
        self.world.s3.delete_object(Bucket=self.world.bucket, Key=key)
        return {"items": []}

    def dying_between(self, event: dict[str, Any]) -> dict[str, Any]:
        """As a function that dies when it has written the first item, whose state before is in its journal."""
        if event.get("take_back"):
            return self._take_back(event["job"])
        place = event["items"]
        document = json.loads(self.world.s3.get_object(Bucket=place["bucket"], Key=place["key"])["Body"].read())
        first = document["features"][0]
        journal = json.dumps({first["id"]: self.world.items.get(first["id"])})
        key = f"jobs/{event['job']}/journal.json"
        if not self.world.s3.list_objects_v2(Bucket=place["bucket"], Prefix=key)["KeyCount"]:
            self.world.s3.put_object(Bucket=place["bucket"], Key=key, Body=journal.encode())
        self._write(first)
        return {"errorMessage": "Task timed out"}

    def _write(self, item: dict[str, Any]) -> dict[str, Any]:
        reason = self.world.refusals.get(item["id"])
        if reason:
            passing = {"passing": True} if self.world.refusals_pass > 0 else {}
            self.world.refusals_pass -= 1
            if passing and not self.world.refusals_pass:
                self.world.refusals.clear()
            return {"id": item["id"], "status": "refused", "reason": reason, **passing}
        before = self.world.items.get(item["id"])
        self.world.items[item["id"]] = item
        self.world.writes.append(item["id"])
        return {
            "id": item["id"],
            "status": "created" if before is None else "unchanged" if before == item else "replaced",
        }

    def _catalog(self, event: dict[str, Any]) -> dict[str, Any]:
        path = event["path"]
        if event["httpMethod"] == "POST" and path == "/catalog/collections":
            self.world.collections.add(json.loads(event["body"])["id"])
            return reply(201, json.loads(event["body"]))
        if path.removeprefix("/catalog/collections/") in self.world.collections:
            return reply(200, {"type": "Collection", "id": path.rpartition("/")[2]})
        if path.startswith(f"/catalog/collections/{COLLECTION}/items/"):
            name = path.rpartition("/")[2]
            return reply(200, rendered(self.world.items[name])) if name in self.world.items else missing(path)
        if path == "/catalog/search":
            wanted = event["queryStringParameters"]["ids"].split(",")
            found = [rendered(self.world.items[name]) for name in wanted if name in self.world.items]
            return reply(200, {"type": "FeatureCollection", "features": found, "links": []})
        return missing(path)

    def _cadip(self, event: dict[str, Any]) -> dict[str, Any]:
        page = self.world.pages.get((event["queryStringParameters"] or {}).get("token", ""))
        return reply(200, page) if page else missing(event["path"])


def reply(status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": status, "body": json.dumps(body), "isBase64Encoded": False}


def missing(path: str) -> dict[str, Any]:
    return reply(404, {"code": "NotFound", "description": f"nothing at {path}"})


def rendered(item: dict[str, Any]) -> dict[str, Any]:
    """A stored item as the catalog shows it: download links as hrefs, the objects as alternates."""
    assets = {
        name: asset
        | {
            "href": f"{BASE_URL}/catalog/collections/{COLLECTION}/items/{item['id']}/download/{name}",
            "alternate": {"s3": {"href": asset["href"]}},
        }
        for name, asset in item["assets"].items()
    }
    return item | {"assets": assets}


class Body:
    """A payload that is read once."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self) -> bytes:
        return self.content
