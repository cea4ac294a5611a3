"""Benchmarks: each is a ratio against a baseline that is measured in the same run, so that any machine can judge it."""
