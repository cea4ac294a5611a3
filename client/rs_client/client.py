"""One server as seen by one user: the nouns of rs-server, each a small object over the same connection."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rs_client.administration import Audit, Groups, Users
from rs_client.catalog import Catalog
from rs_client.criteria import Criteria
from rs_client.dead_letters import DeadLetters
from rs_client.downloads import Downloads
from rs_client.errors import NotConfigured
from rs_client.grants import Grants
from rs_client.jobs import Jobs
from rs_client.keys import Keys
from rs_client.profiles import Profiles, SystemKeyring, profiles_folder
from rs_client.publication import publish
from rs_client.subscriptions import Subscriptions
from rs_client.uploads import Uploads

if TYPE_CHECKING:
    import httpx
    import pystac_client
    from pystac_client.item_search import ItemSearch


class Client:
    """A connection to the rs-server at `url` with an API key (without one, as the anonymous user).

    `expires` is when the key ends, where that is known: an error can then tell it.
    """

    def __init__(
        self, url: str, key: str = "", *, expires: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        from rs_client.transport import Api

        self.api = Api(url, key, expires=expires, transport=transport)
        self.catalog = Catalog(self.api)
        self.jobs = Jobs(self.api)
        self.subscriptions = Subscriptions(self.api)
        self.dead_letters = DeadLetters(self.api)
        self.keys = Keys(self.api)
        self.grants = Grants(self.api)
        self.downloads = Downloads(self.api)
        self.uploads = Uploads(self.api)
        self.users = Users(self.api)
        self.groups = Groups(self.api)
        self.audit = Audit(self.api)

    @classmethod
    def of_profile(cls, name: str = "", *, folder: Path | None = None) -> Client:
        """A connection as `rs login` has set it up: the profile `name`, or the one that `rs` uses by itself."""
        profile = Profiles(folder or profiles_folder(), SystemKeyring()).find(name)
        if profile is None:
            raise NotConfigured("You are not logged in.", "Run `rs login`.")
        return cls(profile.url, profile.key, expires=profile.expires)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.api.close()

    def me(self) -> dict[str, Any]:
        """Who the key belongs to: `user`, `groups`, `admin`, `key`, `grants`."""
        me: dict[str, Any] = self.api.request("GET", "/access/me")
        return me

    def open(self, service: str) -> pystac_client.Client:
        """The pystac-client of a service: `catalog`, `cadip`, `auxip`, `prip` or `lta`."""
        from rs_client.search import open_service

        return open_service(self.api, service)

    def search(self, service: str, *, limit: int | None = None, **criteria: Any) -> ItemSearch:
        """A search of pystac-client, which gives `items()`; `criteria` are the fields of Criteria."""
        from rs_client.search import search

        return search(self.api, service, Criteria(**criteria), limit)

    def publish(
        self, collection: str, item: dict[str, Any], files: Mapping[str, Path], **options: Any
    ) -> dict[str, Any]:
        """Upload `files`, by asset name, and write the item that points at them; `options` are those of `publish`."""
        return publish(self.catalog, self.uploads, collection, item, files, **options)

    def search_url(self, service: str, **criteria: Any) -> str:
        """A search as a URL, to give to `jobs.stage`."""
        return Criteria(**criteria).on(self.api.address(f"/{service}/search")).url_with_parameters()
