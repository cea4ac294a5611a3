"""The bodies that the subscription service takes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, field_validator

from rs_server.staging.jobs import Publication
from rs_server.staging.process import Name, Strict

MOST_FILTER = 4000
"""Characters of a filter, so that it fits into page tokens with the rest of its search."""

Label = Annotated[str, Field(max_length=200)]


class SourceBody(Strict):
    """Where items come from."""

    service: Literal["cadip", "auxip", "prip", "lta"]
    collections: Annotated[list[Name], Field(min_length=1, max_length=20)]
    filter: str | dict[str, Any] | None = None

    @field_validator("filter")
    @classmethod
    def _fits(cls, value: str | dict[str, Any] | None) -> str | dict[str, Any] | None:
        if value is not None and len(value if isinstance(value, str) else json.dumps(value)) > MOST_FILTER:
            raise ValueError(f"a filter has at most {MOST_FILTER} characters")
        return value or None


class NewSubscription(Strict):
    """What is asked for with a standing order; `since` is written as RFC 3339."""

    source: SourceBody
    collection: Annotated[str, Field(min_length=1, max_length=191)]
    asset_names: Annotated[list[Name], Field(max_length=1000)] = Field(default_factory=list)
    asset_patterns: Annotated[list[Name], Field(max_length=100)] = Field(default_factory=list)
    publication: Publication = "atomic"
    priority: Literal["low", "normal", "high"] = "normal"
    label: Label = ""
    since: Annotated[AwareDatetime | None, Field(strict=False)] = None

    @field_validator("since")
    @classmethod
    def _not_to_come(cls, value: datetime | None) -> datetime | None:
        if value is not None and value > datetime.now(value.tzinfo):
            raise ValueError("it must not be in the future")
        return value


class Amendment(Strict):
    """What can be changed of a standing order."""

    status: Literal["active", "paused"] | None = None
    label: Label | None = None
