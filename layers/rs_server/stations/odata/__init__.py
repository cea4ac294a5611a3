"""The OData protocol as the stations speak it: requests, tokens, filters."""
