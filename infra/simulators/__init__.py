"""Simulators of the CSC ground segment's stations: CADIP, AUXIP, PRIP and LTA as OData services, faults included."""
