"""The station's data in SQLite: a file of its own, a connection for each thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from simulators.odata.patterns import matches

type Row = tuple[Any, ...]
type Parameters = Mapping[str, Any] | Sequence[Any]

PAGE_CACHE_KIB = 65_536


class Database:
    """SQLite in a file: a temporary one, gone when the station closes, or one that is kept at `path`.

    Reads run in any thread, each with its own connection; writes take turns.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._folder = TemporaryDirectory(prefix="rs-sim-") if path is None else None
        self.path = Path(self._folder.name) / "station.sqlite" if self._folder else path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._writing = threading.Lock()
        self._listing = threading.Lock()

    def read(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """The rows of a query."""
        return self._connection().execute(sql, parameters).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed at the end, undone by an exception; one at a time."""
        with self._writing, self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Insert rows in one transaction."""
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" for _ in columns)
        with self.writing() as connection:
            connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)

    def claim(self, made_of: str) -> None:
        """Note what the data are made of; raises ValueError where the file holds other data already."""
        with self.writing() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS made (of TEXT)")
            found = connection.execute("SELECT of FROM made").fetchone()
            if found is None:
                connection.execute("INSERT INTO made VALUES (?)", (made_of,))
            elif found[0] != made_of:
                raise ValueError(f"{self.path} holds other data ({found[0]}): remove it or name another file.")

    def has(self, table: str) -> bool:
        """Whether a table is there, from an earlier start on the same file."""
        return bool(self.read("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)))

    def close(self) -> None:
        """Close all connections and remove a temporary file."""
        with self._listing:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()
        if self._folder:
            self._folder.cleanup()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
            with self._listing:
                self._connections.append(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        # Threads come and go with the executor; whoever closes the station closes their connections.
        connection = sqlite3.connect(str(self.path), isolation_level=None, check_same_thread=False, timeout=30)
        connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;"
            f"PRAGMA cache_size = -{PAGE_CACHE_KIB}; PRAGMA mmap_size = 4294967296;"
        )
        connection.create_function("REGEXP", 2, matches, deterministic=True)
        return connection
