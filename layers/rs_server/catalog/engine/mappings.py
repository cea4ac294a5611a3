"""How the engine indexes items and collections.

Properties that the four station interfaces and the common STAC extensions write are named here: they are indexed from
the first document on, and no user's own properties can use up their place. Other properties are indexed as they come,
text as it is and numbers as doubles. All owners share the index, so one owner's odd value must not stand in another's
way: a number or date that is none is kept but not indexed, and so are objects.
"""

from __future__ import annotations

from typing import Any

Mapping = dict[str, Any]

MAX_FIELDS = 2000
"""How many different properties the items of all owners may have together."""

INTERVAL = "rs_interval"
"""Member of stored documents, never shown: `start` and `end` of their time, and of items the `moment` that they are
sorted by. All are cut to what `MOMENT` can hold, and never missing."""

FOOTPRINT = "rs_footprint"
"""Member of stored collections, never shown: their spatial extent as one shape."""

DELETING = "rs_deleting"
"""Member of stored documents, never shown: true once their deletion has begun, when to readers they are gone."""

EMPTIED = "rs_emptied"
"""Member of stored collections, never shown: true once a deletion has taken all away, and only keeps the name from
being used while batches that began before it may write."""

LAYOUT = "rs_layout"
"""Member of stored collections, never shown: where their items lie, if not in the shared index; see `layout`."""

NUMBER_OF_COLLECTION = "rs_collection"
"""Member of stored items, never shown: their collection's number; see `numbers`."""

INTERNAL = (NUMBER_OF_COLLECTION, INTERVAL, FOOTPRINT, DELETING, EMPTIED, LAYOUT)

KEYWORD: Mapping = {"type": "keyword", "ignore_above": 1024}
NUMBER: Mapping = {"type": "double", "ignore_malformed": True}
DATE: Mapping = {"type": "date", "ignore_malformed": True}
"""A time of any year, to the millisecond."""
MOMENT: Mapping = {"type": "date_nanos"}
"""A time from 1970 to 2262, to the nanosecond."""
PROSE: Mapping = KEYWORD | {"fields": {"text": {"type": "text"}}}
"""Text that is compared as a whole, and found by its words under `.text`."""
SHAPE: Mapping = {"type": "geo_shape"}
READ_BESIDE: Mapping = {"type": "long", "index": False}
"""A whole number that is never looked up, but read beside each document that is looked at."""
TRUTH: Mapping = {"type": "boolean"}
UNINDEXED: Mapping = {"type": "object", "enabled": False}
TIMES: Mapping = {"properties": {"start": MOMENT, "end": MOMENT, "moment": MOMENT}}
MOVES: Mapping = {
    "properties": {
        "index": KEYWORD,
        "kept": TRUTH,
        "move": {"properties": {"id": KEYWORD}},
        "left": {"properties": {"since": DATE}},
    }
}
EXTERNAL_IDS: Mapping = {"properties": {"scheme": KEYWORD, "value": KEYWORD}}

DATE_PROPERTIES = (
    *("start_datetime", "end_datetime", "created", "updated", "published", "expires", "unpublished"),
    *("eviction_datetime", "processing:datetime", "sat:anx_datetime", "order:date", "eopf:origin_datetime"),
    *("cadip:planned_data_start", "cadip:planned_data_stop"),
)
NUMBER_PROPERTIES = (
    *("gsd", "eo:cloud_cover", "eo:snow_cover", "view:off_nadir", "view:incidence_angle", "view:azimuth"),
    *("view:sun_azimuth", "view:sun_elevation", "sat:absolute_orbit", "sat:relative_orbit", "sat:orbit_cycle"),
    *("cadip:num_channels", "sar:center_frequency", "sar:looks_range", "sar:looks_azimuth"),
)
KEYWORD_PROPERTIES = (
    *("owner", "platform", "constellation", "mission", "instruments", "license", "version", "rs:station"),
    *("product:type", "product:timeliness", "product:timeliness_category", "product:acquisition_type"),
    *("processing:level", "processing:facility", "processing:version", "grid:code", "proj:code", "proj:epsg"),
    *("sat:orbit_state", "sat:platform_international_designator", "sat:acquisition_station"),
    *("sar:instrument_mode", "sar:frequency_band", "sar:polarizations", "sar:observation_direction"),
    *("order:status", "order:id", "storage:tier", "auxip:id", "prip:id", "lta:id"),
    *("eopf:datatake_id", "eopf:datastrip_id", "eopf:instrument_mode", "eopf:instrument_configuration_id"),
    *("cadip:id", "cadip:station_id", "cadip:station_unit_id", "cadip:acquisition_id", "cadip:antenna_id"),
    *("cadip:front_end_id", "cadip:retransfer", "cadip:antenna_status_ok", "cadip:front_end_status_ok"),
    *("cadip:downlink_status_ok", "cadip:delivery_push_ok"),
)
PROSE_PROPERTIES = ("title", "description", "keywords")

ITEM_PROPERTIES: Mapping = (
    {"datetime": MOMENT, "externalIds": EXTERNAL_IDS, "providers": UNINDEXED, "auth:schemes": UNINDEXED}
    | {"rs:source": UNINDEXED}
    | dict.fromkeys(PROSE_PROPERTIES, PROSE)
    | dict.fromkeys(KEYWORD_PROPERTIES, KEYWORD)
    | dict.fromkeys(NUMBER_PROPERTIES, NUMBER)
    | dict.fromkeys(DATE_PROPERTIES, DATE)
)

ITEMS: Mapping = {
    "dynamic": False,
    "dynamic_templates": [
        {"objects": {"match_mapping_type": "object", "mapping": UNINDEXED}},
        {"dates": {"match_mapping_type": "string", "match": "*datetime", "mapping": DATE}},
        {"text": {"match_mapping_type": "string", "mapping": KEYWORD}},
        {"integers": {"match_mapping_type": "long", "mapping": NUMBER}},
        {"decimals": {"match_mapping_type": "double", "mapping": NUMBER}},
        {"truths": {"match_mapping_type": "boolean", "mapping": KEYWORD}},
    ],
    "date_detection": False,
    "properties": {
        "id": KEYWORD,
        "collection": KEYWORD,
        "geometry": SHAPE,
        "properties": {"dynamic": True, "properties": ITEM_PROPERTIES},
        NUMBER_OF_COLLECTION: READ_BESIDE,
        INTERVAL: TIMES,
        DELETING: TRUTH,
    },
}

COLLECTION_DATES = ("created", "updated")
COLLECTION_KEYWORDS = ("id", "owner", "license", "type", "stac_version")
COLLECTION_PROSE = ("title", "description", "keywords")

COLLECTIONS: Mapping = {
    "dynamic": False,
    "properties": (
        dict.fromkeys(COLLECTION_KEYWORDS, KEYWORD)
        | dict.fromkeys(COLLECTION_PROSE, PROSE)
        | dict.fromkeys(COLLECTION_DATES, DATE)
        | {INTERVAL: TIMES, FOOTPRINT: SHAPE, DELETING: TRUTH, LAYOUT: MOVES}
    ),
}

NAMES: Mapping = {"dynamic": False, "properties": {"owner": KEYWORD}}

BATCHES: Mapping = {"dynamic": False, "properties": {"collection": KEYWORD, "since": DATE}}

ITEM_SETTINGS: Mapping = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "mapping.total_fields.limit": MAX_FIELDS,
    "sort.field": [f"{INTERVAL}.moment", "id", "collection"],
    "sort.order": ["desc", "desc", "desc"],
}
"""Items lie in the order in which they are shown, so that a page of the newest needs no look at the rest."""

COLLECTION_SETTINGS: Mapping = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
NAME_SETTINGS: Mapping = COLLECTION_SETTINGS
BATCH_SETTINGS: Mapping = COLLECTION_SETTINGS
