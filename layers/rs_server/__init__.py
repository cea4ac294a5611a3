"""The package that every function of rs-server shares, one concern a folder."""
