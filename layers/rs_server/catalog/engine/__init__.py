"""The search engine behind the catalog, Elasticsearch or OpenSearch, behind one small interface."""
