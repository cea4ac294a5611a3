"""Where made-up data stand in time: around the recorded session of 2024-11-14, up to two days after it."""

from __future__ import annotations

from simulators.odata.instants import read_instant

FOREVER = 2**62
"""An instant that no clock reaches."""
DATA_END = read_instant("2024-11-16T00:00:00Z")
"""The newest data are published just before; a station's clock starts here unless told otherwise."""
