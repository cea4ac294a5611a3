"""Station profiles and virtual collections: what is declared, in YAML, before any station is asked."""
