"""One module for each interface of the stations: what an entity is called, and how it becomes a STAC item."""
