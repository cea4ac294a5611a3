"""Search over the stations of a service: plan, ask, merge, page."""
