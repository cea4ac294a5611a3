"""PRIP: fresh products, their quicklooks, subscriptions, and production on demand."""
