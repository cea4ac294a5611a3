"""What makes OData services stations: tokens, downloads, faults, statistics, and the ASGI application."""
