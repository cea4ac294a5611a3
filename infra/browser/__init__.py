"""STAC Browser and our own pages: built from locked packages, patched where stated, and published to a bucket."""
