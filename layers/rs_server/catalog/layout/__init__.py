"""Where the items of a collection lie: in the index that small collections share, or in one of their own."""
