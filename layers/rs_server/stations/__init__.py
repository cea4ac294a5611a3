"""STAC over the stations, which speak OData: profiles, clients, a mapping for each interface, search across them."""
