"""Staging: jobs that bring items from stations into the bucket and the catalog, as OGC API Processes."""
