"""The catalog: STAC collections and items of many owners in one shared index, each seen by whom its rights name.

Everything here but the subpackage `api` is free of FastAPI, since `catalog_ingest` writes through it too.
"""
