"""AUXIP: auxiliary files, and subscriptions to them."""
