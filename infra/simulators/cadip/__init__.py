"""CADIP: downlink sessions, the CADU files of their channels, and the quality of each channel."""
