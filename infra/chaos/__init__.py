"""The fault campaign on the running stack: real stations with faults, workers that are killed, and a full account."""
