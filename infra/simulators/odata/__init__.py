"""The subset of OData 4 that the CSC interfaces speak: filters, query options, resource paths, the wire form."""
