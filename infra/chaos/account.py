"""The account of a campaign: what of it is in the catalog and in the bucket, compared with the stations to the byte."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from chaos.work import Item
from rs_client import Client
from rs_server.stations.profiles import load_profiles

CREDENTIALS = {
    "grant_type": "password",
    "username": "rs",
    "password": "rs-password",
    "client_id": "rs-client",
    "client_secret": "rs-client-secret",
}
"""What every simulated station takes."""


@dataclass(frozen=True, slots=True)
class Account:
    """The figures of `.local/chaos.json`. All but the first two should be 0."""

    files: int
    jobs: int
    unfinished: int
    """Jobs that did not end."""
    lost: int
    """Files that the catalog lacks, though they were staged again when nothing went wrong, or has without an object."""
    corrupt: int
    """Objects that differ from what their station serves."""
    orphans: int
    """Objects that no item names."""
    duplicates: int
    """Items that were created more than once, or are twice in the catalog."""
    open_uploads: int

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not any((self.unfinished, self.lost, self.corrupt, self.orphans, self.duplicates, self.open_uploads))


class Stations:
    """Reads files from the simulated stations, as they are without faults."""

    def __init__(self, stations: Mapping[str, Mapping[str, str]]) -> None:
        self.stations = stations
        """`url` and `name` of each, by service."""
        self._tokens: dict[str, str] = {}

    def digest(self, service: str, href: str) -> str:
        """SHA-256 of what the station serves."""
        answer = httpx.get(href, headers=self._headers(service), timeout=60, follow_redirects=True)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._tokens.pop(service)
            answer = httpx.get(href, headers=self._headers(service), timeout=60, follow_redirects=True)
        return hashlib.sha256(answer.raise_for_status().content).hexdigest()

    def _headers(self, service: str) -> dict[str, str]:
        if service not in self._tokens:
            station = self.stations[service]
            how = load_profiles("simulators", service).stations[station["name"]].authentication
            basic = (CREDENTIALS["client_id"], CREDENTIALS["client_secret"]) if how.client == "basic" else None
            form = CREDENTIALS | {"scope": how.scope}
            answer = httpx.post(f"{station['url']}/oauth2/token", data=form, auth=basic).raise_for_status()
            self._tokens[service] = answer.json()["access_token"]
        return {"authorization": f"Bearer {self._tokens[service]}"}


@dataclass(frozen=True, slots=True)
class Auditor:
    """Compares catalog, bucket and stations."""

    client: Client
    results: Callable[[str], list[dict[str, Any]]]
    """What a successful job says of its items."""
    s3: Any
    bucket: str
    stations: Stations

    def account(self, collection: str, items: Mapping[str, Item], jobs: Mapping[str, str]) -> Account:
        """The account of a campaign of `items` into `collection` (`owner:name`), by `jobs` with their status."""
        published = [item.to_dict(transform_hrefs=False) for item in self._published(collection)]
        prefix = collection.replace(":", "/") + "/"
        objects = self._objects(prefix)
        named = {f"{prefix}{item['id']}/{name}": (item["id"], name) for item in published for name in item["assets"]}
        wanted_keys = {f"{prefix}{item}/{name}" for item in items for name in items[item]["assets"]}
        return Account(
            files=len(wanted_keys),
            jobs=len(jobs),
            unfinished=sum(status not in {"successful", "failed", "dismissed"} for status in jobs.values()),
            lost=len(wanted_keys - named.keys()) + len(named.keys() - objects),
            corrupt=sum(self._differs(key, items, *named[key]) for key in objects & named.keys()),
            orphans=len(objects - named.keys()),
            duplicates=self._duplicates(published, jobs),
            open_uploads=len(self.s3.list_multipart_uploads(Bucket=self.bucket, Prefix=prefix).get("Uploads", [])),
        )

    def _published(self, collection: str) -> Iterable[Any]:
        return self.client.search("catalog", limit=100_000, collections=[collection]).items()

    def _objects(self, prefix: str) -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return {entry["Key"] for page in pages for entry in page.get("Contents", ())}

    def _differs(self, key: str, items: Mapping[str, Item], item: str, asset: str) -> bool:
        source = items[item]
        service = source["properties"]["rs:station"].partition(":")[0]
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return hashlib.sha256(body).hexdigest() != self.stations.digest(service, source["assets"][asset]["href"])

    def _duplicates(self, published: Iterable[Item], jobs: Mapping[str, str]) -> int:
        shown = Counter(item["id"] for item in published)
        created: Counter[str] = Counter()
        for job in (job for job, status in jobs.items() if status == "successful"):
            fates = self.results(job)
            created.update(fate["id"] for fate in fates if fate["status"] == "created")
        return sum(count - 1 for counter in (shown, created) for count in counter.values())
