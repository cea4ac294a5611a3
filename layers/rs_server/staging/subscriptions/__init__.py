"""Standing orders: what a station publishes and a subscription's filter accepts is staged by itself, each item once."""
