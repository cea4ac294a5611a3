"""Online copies that orders and batch orders make of products, and their end before its time."""

from __future__ import annotations

from sqlite3 import Connection

from simulators.products.jobs import COMPLETED
from simulators.storage import Database

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


def evict(database: Database, product: str, now: int) -> bool:
    """Remove the online copies of the product with an Id now, before their time; False where there is none such.

    Orders under way go on. What one batch order brought goes together.
    """
    with database.writing() as connection:
        rows = connection.execute("SELECT rowid FROM products WHERE Id = ?", (product.lower(),)).fetchall()
        for (number,) in rows:
            connection.execute("UPDATE products SET Online = 0, online_until = NULL WHERE rowid = ?", (number,))
            batches = connection.execute("SELECT batch FROM batch_products WHERE product = ?", (number,)).fetchall()
            _end_copies(connection, "orders", "product", number, now)
            for (batch,) in batches:
                _end_copies(connection, "batch_orders", "rowid", batch, now)
                restage_batch(connection, batch, now)
            restage(connection, number, now)
    return bool(rows)


def _end_copies(connection: Connection, table: str, column: str, number: int, now: int) -> None:
    """Let what the orders with a number in a column have brought be there until now."""
    connection.execute(
        f"UPDATE {table} SET evicts = :now WHERE {column} = :number AND ends <= :now AND evicts > :now",
        {"number": number, "now": now},
    )
