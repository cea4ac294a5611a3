"""CQL2: read and checked against the queryables, pushed down to a station as OData, evaluated here for the rest."""
