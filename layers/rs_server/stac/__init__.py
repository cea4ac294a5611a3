"""What STAC prescribes, as pure functions: identifiers, links, extensions, page tokens."""
