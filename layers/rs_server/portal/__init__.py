"""The root of the API: one STAC catalog over all services, the documentation, health and readiness."""
