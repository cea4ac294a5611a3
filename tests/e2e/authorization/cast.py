"""The principals of the matrix on the deployed stack, and the things that its rows are about."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from local.stack_file import Stack
from rs_server.access.credentials import digest_of, new_key
from rs_server.access.grants import CACHE_SECONDS
from rs_server.access.instants import to_text
from tests.e2e.authorization.identity_provider import IdentityProvider

if TYPE_CHECKING:
    from boto3.session import Session

ALL = ["read", "download", "write", "manage"]
GRANTED = {"rdr": ["read"], "dwn": ["download"], "wrt": ["write"], "mng": ["manage"], "grp": ["read", "write"]}
"""What the columns have on the shared collections, the station and staging."""
OBJECT = b"the object of an asset"
SECONDS = 300
"""How long a job or an order may take, on a slow machine and while other tests stop the archive's time."""

LASTING = "../2024-11-14T12:00:00Z"
"""When the sessions began that the CADIP station has even while other tests set its clock back."""

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone and everything of one run; `run` is in all their names, so that runs do not meet."""

    stack: Stack
    aws: Session
    provider: IdentityProvider
    http: httpx.Client
    run: str = field(default_factory=lambda: f"m{uuid.uuid4().hex[:8]}")
    things: dict[str, str] = field(default_factory=dict)
    """What each `{thing}` of the table stands for."""
    credentials: dict[str, Headers] = field(default_factory=dict)
    """The headers with which each principal sends requests."""

    def login(self, column: str) -> str:
        """The user behind a column."""
        return f"{self.run}-{column}"

    @property
    def owner(self) -> str:
        """The owner's login."""
        return self.login("own")

    def call(self, method: str, path: str, body: Any = None, *, by: str = "root") -> Any:
        """What the API answers to one of the principals, which has to work; the root is the stack's administrator."""
        headers = self.credentials[by] if by != "root" else {"x-api-key": self.stack.keys["admin"]}
        answer = self.http.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path} for {by} answered {answer.status_code}: {answer.text}"
        return answer.json() if answer.content else None

    def set_up(self) -> None:
        """Make users and their credentials, collections and their grants, a job, a standing order, a key."""
        self._make_users()
        self._make_collections()
        self._make_grants()
        granted = time.monotonic()
        for service in self.stack.stations:
            self._find_product(service)
        self.things.update(
            word=self.run,
            item="one",
            asset="data",
            owner=self.owner,
            reader=self.login("rdr"),
            group=f"{self.run}-group",
            key=self.make_key(f"{self.run}-kept"),
            login=self.make_user("guest"),
            grant=self.make_grant(f"{self.run}-guest"),
            job=self.make_job(f"{self.run}-kept"),
            subscription=self.make_subscription(f"{self.run}-kept"),
            order=self.make_order(),
            lost=f"{self.stack.stations['lta']['name']}:00000000-0000-0000-0000-000000000000",
        )
        # Until then, services may remember that `public` and `authenticated` had less.
        time.sleep(max(0.0, granted + CACHE_SECONDS - time.monotonic()))

    def tear_down(self) -> None:
        """Remove what would be in the way of others: standing orders, collections and their objects."""
        for order in self.call("GET", "/subscriptions?limit=1000")["subscriptions"]:
            if order["owner"].startswith(self.run):
                self.call("DELETE", f"/subscriptions/{order['id']}")
        for login in (self.owner, *map(self.login, self.credentials)):
            found = self.call("GET", f"/catalog/collections?limit=1000&filter=owner='{login}'")["collections"]
            for collection in found:
                self.call("DELETE", f"/catalog/collections/{collection['id']}")

    def make_collection(self, name: str, owner: str = "") -> str:
        """Make a collection of the owner's; returns its id."""
        self.call("POST", "/catalog/collections", collection(f"{self.owner}:{name}", self.run), by=owner or "own")
        return f"{self.owner}:{name}"

    def make_items(self, collection_id: str, *names: str) -> None:
        """Make items without assets in a collection of the owner's."""
        body = {"type": "FeatureCollection", "features": [item(name) for name in names]}
        self.call("POST", f"/catalog/collections/{collection_id}/items", body, by="own")

    def make_key(self, name: str) -> str:
        """Make a key of the owner's; returns its id."""
        return str(self.call("POST", "/access/keys", {"name": name}, by="own")["id"])

    def make_grant(self, guest: str) -> str:
        """Let somebody read the shared collection; returns the grant's id."""
        body = {"subject": f"user:{guest}", "resource": f"catalog:{self.things['shared']}", "actions": ["read"]}
        return str(self.call("PUT", "/access/grants", body, by="own")["id"])

    def make_user(self, column: str, *groups: str, admin: bool = False) -> str:
        """Make a user; returns its login."""
        body = {"login": self.login(column), "groups": list(groups), "admin": admin}
        return str(self.call("POST", "/access/users", body)["login"])

    def make_job(self, label: str) -> str:
        """Have the owner stage nothing at all, and wait for the end of it; returns the job's id."""
        body = execution(self.things["shared"], label)
        job = str(self.call("POST", "/processes/staging/execution", body, by="own")["jobID"])
        self._until("successful", lambda: self.call("GET", f"/jobs/{job}", by="own")["status"])
        return job

    def make_subscription(self, label: str) -> str:
        """Have the owner wait for what the station will never publish; returns the subscription's id."""
        body = subscription(self.things["cadip/stock"], self.things["shared"], label)
        return str(self.call("POST", "/subscriptions", body, by="own")["id"])

    def make_order(self) -> str:
        """Have the owner order the archive's product, and wait until it is there; returns the order's id."""
        stock, product = self.things["lta/stock"], self.things["lta/product"]
        order = str(self.call("POST", f"/lta/collections/{stock}/items/{product}/order", by="own")["id"])
        self._until("succeeded", lambda: self.call("GET", f"/lta/orders/{order}", by="own")["order:status"])
        return order

    def _until(self, wanted: str, ask: Callable[[], str]) -> None:
        until = time.monotonic() + SECONDS
        while (found := ask()) != wanted:
            assert time.monotonic() < until, f"it is {found}, and does not come to be {wanted}"
            time.sleep(0.2)

    def _find_product(self, service: str) -> None:
        """Choose an item of a station's; at an archive one that has to be ordered."""
        past = f"&datetime={LASTING}" if service == "cadip" else ""
        found = self.call("GET", f"/{service}/search?limit=100{past}", by="own")["features"]
        item = next(item for item in found if item["properties"].get("order:status") != "succeeded")
        self.things.update({f"{service}/stock": item["collection"], f"{service}/product": item["id"]})

    def _make_users(self) -> None:
        self.credentials.update(none={}, bad={"x-api-key": new_key()})
        for column in ("dis", "str", "rdr", "dwn", "wrt", "mng", "own"):
            self.make_user(column)
            self.credentials[column] = {"x-api-key": self._new_key(column)}
        self.make_user("grp", f"{self.run}-group")
        self.make_user("adm", admin=True)
        for column in ("grp", "adm"):
            self.credentials[column] = {"authorization": f"Bearer {self._new_key(column)}"}
        elsewhere = [f"catalog:{self.owner}:elsewhere"]
        self.credentials.update(
            ro={"x-api-key": self._new_key("own", scope={"actions": ["read"]})},
            els={"x-api-key": self._new_key("own", scope={"resources": elsewhere})},
            exp={"x-api-key": self._expired_key()},
            rev={"x-api-key": self._revoked_key()},
        )

    def _make_collections(self) -> None:
        for thing in ("shared", "kept", "public", "members"):
            self.things[thing] = self.make_collection(f"{self.run}-{thing}")
            key = f"{self.owner}/{self.run}-{thing}/one/data"
            self.aws.client("s3").put_object(Bucket=self.stack.bucket, Key=key, Body=OBJECT)
            with_asset = item("one", assets={"data": {"href": f"s3://{self.stack.bucket}/{key}"}})
            self.call("POST", f"/catalog/collections/{self.things[thing]}/items", with_asset, by="own")
        self.things.update(own=f"{self.run}-shared", absent=f"{self.owner}:{self.run}-absent")

    def _make_grants(self) -> None:
        shared, kept = (f"catalog:{self.things[thing]}" for thing in ("shared", "kept"))
        stations = [f"{service}:{station['name']}" for service, station in self.stack.stations.items()]
        for column, actions in GRANTED.items():
            subject = f"group:{self.run}-group" if column == "grp" else f"user:{self.login(column)}"
            for resource in (shared, f"{kept}*", *stations, "process:staging"):
                self.grant(subject, resource, actions)
        for resource in ("catalog:*:*", *(f"{service}:*" for service in self.stack.stations), "process:*"):
            self.grant(f"user:{self.login('dis')}", resource, ALL)
        for service in self.stack.stations:
            self.grant(f"user:{self.owner}", f"{service}:*", ["read", "download"])
        self.grant(f"user:{self.owner}", "process:staging", ["read", "write", "manage"])
        self.grant("public", f"catalog:{self.things['public']}", ["read", "download"])
        self.grant("authenticated", f"catalog:{self.things['members']}", ["read"])
        self.call("PATCH", f"/access/users/{self.login('dis')}", {"disabled": True})
        collections = [self.things["shared"], self.things["kept"]]
        roles = [f"rs_catalog_{name}_{action}" for name in collections for action in ("read", "download")]
        roles += [f"rs_{station.replace(':', '_')}_read" for station in stations]
        roles += ["rs_processes_staging_read", "rs_processes_staging_execute"]
        self.credentials["idp"] = {"authorization": f"Bearer {self.provider.token(self.login('idp'), roles)}"}

    def grant(self, subject: str, resource: str, actions: list[str]) -> None:
        """Let a subject do `actions`, as the root says."""
        self.call("PUT", "/access/grants", {"subject": subject, "resource": resource, "actions": actions})

    def _new_key(self, column: str, **members: Any) -> str:
        body = {"name": "matrix", "login": self.login(column), **members}
        return str(self.call("POST", "/access/keys", body)["key"])

    def _expired_key(self) -> str:
        """A key whose time is over: no API makes one, so its record is changed."""
        key = self._new_key("own")
        self.aws.client("dynamodb").update_item(
            TableName=self.stack.outputs["AccessTableName"],
            Key={"pk": {"S": f"key#{digest_of(key)}"}, "sk": {"S": "key"}},
            UpdateExpression="SET expires = :expires",
            ExpressionAttributeValues={":expires": {"S": to_text(datetime.now(UTC) - timedelta(seconds=1))}},
            ConditionExpression="attribute_exists(expires)",
        )
        return key

    def _revoked_key(self) -> str:
        made = self.call("POST", "/access/keys", {"name": "matrix", "login": self.owner})
        self.call("DELETE", f"/access/keys/{made['id']}")
        return str(made["key"])


def collection(collection_id: str, word: str = "") -> dict[str, Any]:
    """A STAC collection."""
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": collection_id,
        "title": f"Collection {word}",
        "description": "One of the authorization matrix",
        "license": "other",
        "links": [],
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]]},
            "temporal": {"interval": [["2014-04-03T00:00:00Z", None]]},
        },
    }


def item(item_id: str, assets: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A STAC item."""
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": item_id,
        "geometry": None,
        "properties": {"datetime": "2024-11-14T14:30:38Z"},
        "links": [],
        "assets": dict(assets or {}),
    }


def subscription(stock: str, collection_id: str, label: str) -> dict[str, Any]:
    """A standing order for nothing."""
    source = {"service": "cadip", "collections": [stock], "filter": "id = 'none'"}
    return {"source": source, "collection": collection_id, "label": label}


def execution(collection_id: str, label: str) -> dict[str, Any]:
    """A request to stage no items into a collection."""
    nothing = {"type": "FeatureCollection", "features": []}
    return {"inputs": {"collection": collection_id, "items": {"value": nothing}, "label": label}}
