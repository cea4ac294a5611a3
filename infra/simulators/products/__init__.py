"""Products: what AUXIP, PRIP and LTA hold, with their attributes, footprints, checksums and bytes."""
