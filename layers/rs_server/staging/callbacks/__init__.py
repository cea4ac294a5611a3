"""Callbacks: telling a job's subscriber how it goes (OGC API Processes 1.0, class `callback`), and no one else."""
