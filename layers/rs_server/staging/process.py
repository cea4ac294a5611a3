"""The process `staging`: its description, and the check of what is sent to it.

The published input schemas (OpenAPI 3.0 dialect, as OGC API Processes wants them) and the models say the same; a test
holds both against one table of bodies.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from rs_server.staging.callbacks.signing import key_of, new_secret
from rs_server.staging.jobs import PROCESS_ID, Publication

VERSION = "1.0.0"
EXECUTE_REL = "http://www.opengis.net/def/rel/ogc/1.0/execute"
Document = dict[str, Any]

Name = Annotated[str, Field(min_length=1, max_length=255)]


class Strict(BaseModel):
    """A body in which every member is known, and of the type that its schema says."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Items(Strict):
    """The items to stage: at an address of this API, or given as they are."""

    href: Annotated[str, Field(min_length=1, max_length=8192)] | None = None
    value: Document | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Items:
        if (self.href is None) == (self.value is None):
            raise ValueError("give either 'href' or 'value'")
        if self.value is not None and self.value.get("type") not in {"Feature", "FeatureCollection"}:
            raise ValueError("'value' must be a Feature or a FeatureCollection")
        return self


PRIORITIES = {"low": -1, "normal": 0, "high": 1}


class Inputs(Strict):
    """The inputs of the process."""

    collection: Annotated[str, Field(min_length=1, max_length=191)]
    items: Items
    asset_names: Annotated[list[Name], Field(max_length=10_000)] = []
    asset_patterns: Annotated[list[Name], Field(max_length=100)] = []
    create_collection: bool = False
    publication: Publication = "atomic"
    dry_run: bool = False
    priority: Literal["low", "normal", "high"] = "normal"
    label: Annotated[str, Field(max_length=200)] = ""


Uri = Annotated[str, Field(min_length=1, max_length=2000)]


class Subscriber(Strict):
    """Who is called back (`subscriber.yaml`); each call is signed with `secret`, which is made if none is given."""

    successUri: Uri  # noqa: N815  # the names of the standard
    inProgressUri: Uri | None = None  # noqa: N815
    failedUri: Uri | None = None  # noqa: N815
    secret: Annotated[str, Field(max_length=200)] = Field(default_factory=new_secret)

    @model_validator(mode="before")
    @classmethod
    def _as_the_schema_slips(cls, given: Any) -> Any:
        """Take `successUrl` for `successUri`: the schema's list of required members spells it so."""
        if isinstance(given, dict) and "successUrl" in given and "successUri" not in given:
            return {"successUri" if name == "successUrl" else name: value for name, value in given.items()}
        return given

    @field_validator("secret")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        key_of(value)
        return value

    @property
    def addresses(self) -> dict[str, str]:
        """The addresses that are given, by their names."""
        return self.model_dump(exclude={"secret"}, exclude_none=True)


class Execute(Strict):
    """The body of an execution request. `outputs` is accepted as far as it asks for what is answered anyway."""

    inputs: Inputs
    outputs: dict[Literal["collection", "items"], Document] | None = None
    response: Literal["document"] = "document"
    subscriber: Subscriber | None = None


def _input(title: str, description: str, schema: Document, *, required: bool = False) -> Document:
    return {
        "title": title,
        "description": description,
        "minOccurs": 1 if required else 0,
        "maxOccurs": 1,
        "schema": schema,
    }


NAMES: Document = {"type": "string", "minLength": 1, "maxLength": 255}

INPUTS: Document = {
    "collection": _input(
        "Target collection",
        "Collection of the catalog, as 'owner:collection'; without 'owner:' your own.",
        {"type": "string", "minLength": 1, "maxLength": 191},
        required=True,
    ),
    "items": _input(
        "Items",
        "STAC items at stations. 'href': a search of this API, such as /cadip/search?ids=...; every page is followed. "
        "'value': a STAC item (Feature) or item collection (FeatureCollection).",
        {
            "oneOf": [
                {
                    "type": "object",
                    "required": ["href"],
                    "properties": {"href": {"type": "string", "minLength": 1, "maxLength": 8192}},
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "required": ["value"],
                    "properties": {
                        "value": {
                            "type": "object",
                            "required": ["type"],
                            "properties": {"type": {"type": "string", "enum": ["Feature", "FeatureCollection"]}},
                        }
                    },
                    "additionalProperties": False,
                },
            ]
        },
        required=True,
    ),
    "asset_names": _input(
        "Asset names",
        "Only assets with one of these names are staged. Without names and patterns: all.",
        {"type": "array", "items": NAMES, "maxItems": 10_000},
    ),
    "asset_patterns": _input(
        "Asset patterns",
        "Only assets whose name matches one of these are staged: '*', '?' and '[...]' are wildcards.",
        {"type": "array", "items": NAMES, "maxItems": 100},
    ),
    "create_collection": _input(
        "Create the collection",
        "Create the target collection if there is none, as you could yourself.",
        {"type": "boolean", "default": False},
    ),
    "publication": _input(
        "Publication",
        "'atomic': nothing is published unless everything came. 'partial': whatever items are whole.",
        {"type": "string", "enum": ["atomic", "partial"], "default": "atomic"},
    ),
    "dry_run": _input(
        "Dry run",
        "Only tell which files would be transferred, and how many bytes they have.",
        {"type": "boolean", "default": False},
    ),
    "priority": _input(
        "Priority",
        "Which of your own jobs come first at a station. Between users, stations take turns.",
        {"type": "string", "enum": ["low", "normal", "high"], "default": "normal"},
    ),
    "label": _input("Label", "A name of your own for the job.", {"type": "string", "maxLength": 200, "default": ""}),
}

OUTPUTS: Document = {
    "collection": {
        "title": "Collection",
        "description": "A link to the target collection.",
        "schema": {
            "type": "object",
            "required": ["href"],
            "properties": {"href": {"type": "string", "format": "uri"}},
        },
    },
    "items": {
        "title": "Items",
        "description": "What became of each item: its id, a status ('created', 'replaced', 'unchanged', 'refused', "
        "'failed') and, where there is one, the reason. Of a dry run: 'planned' with the numbers of files and bytes to "
        "transfer and of files that are there already, or 'unchanged'.",
        "schema": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "status"],
                "properties": {
                    "id": {"type": "string"},
                    "status": {"type": "string"},
                    "reason": {"type": "string"},
                },
            },
        },
    },
}


def summary(base_url: str) -> Document:
    """The process in the list of processes."""
    return {
        "id": PROCESS_ID,
        "version": VERSION,
        "title": "Staging",
        "description": "Transfers items from Copernicus stations to object storage, and records them in the catalog.",
        "jobControlOptions": ["async-execute", "dismiss"],
        "outputTransmission": ["value"],
        "links": [
            {
                "rel": "self",
                "href": f"{base_url}/processes/{PROCESS_ID}",
                "type": "application/json",
                "title": "Description of the process",
            },
            {
                "rel": EXECUTE_REL,
                "href": f"{base_url}/processes/{PROCESS_ID}/execution",
                "title": "Execute the process",
            },
        ],
    }


def description(base_url: str) -> Document:
    """The whole description of the process."""
    return summary(base_url) | {"inputs": INPUTS, "outputs": OUTPUTS}
