"""Online copies that orders and batch orders make of products."""

from __future__ import annotations

from sqlite3 import Connection

from simulators.products.jobs import COMPLETED

_COPIES = (
    f"SELECT ends, evicts FROM orders WHERE product = :product AND cancelled IS NULL AND outcome = {COMPLETED}"
    " AND evicts > :now UNION ALL"
    " SELECT b.ends, b.evicts FROM batch_products m JOIN batch_orders b ON b.rowid = m.batch"
    f" WHERE m.product = :product AND b.cancelled IS NULL AND b.outcome = {COMPLETED} AND b.evicts > :now"
)


def restage(connection: Connection, product: int, now: int) -> None:
    """Note from when to when a product is online by the orders there are: from the first copy to the last."""
    connection.execute(
        f"UPDATE products SET (staged_from, staged_until) = (SELECT min(ends), max(evicts) FROM ({_COPIES}))"
        " WHERE rowid = :product",
        {"product": product, "now": now},
    )


def restage_batch(connection: Connection, batch: int, now: int) -> None:
    """The same for all products of a batch order."""
    products = connection.execute("SELECT product FROM batch_products WHERE batch = ?", (batch,)).fetchall()
    for (product,) in products:
        restage(connection, product, now)
