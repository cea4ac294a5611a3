"""The STAC API over a service's stations: stac-fastapi's routes and request models, with clients of our own."""
