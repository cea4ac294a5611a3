"""The STAC API over the catalog: stac-fastapi's routes and request models, with clients of our own behind them."""
