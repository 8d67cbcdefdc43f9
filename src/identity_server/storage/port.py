"""What storage offers to the rest: calls and operations; they end in the errors of ``identity_server.errors``.

An operation is a generator: it yields calls and is sent their rows. SQLite runs a whole operation in one hop to its
thread, PostgreSQL awaits each call, and the code of an operation stands here once for both.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement, ColumnElement

from identity_server.storage.telling import Tells

Row = Sequence[Any]
Rows = Sequence[Row]


_DIALECTS = {
    "postgresql": postgresql.dialect(paramstyle="numeric_dollar"),
    "sqlite": sqlite.dialect(paramstyle="qmark"),
}


class Statement:
    """A statement of SQLAlchemy Core, compiled to text once per dialect.

    Args:
        writes: whether it changes something; by default when it is no ``SELECT``.
        tells: what it did, for the audit trail, out of its parameters and rows; None when nobody needs to know.
    """

    __slots__ = ("_compiled", "clause", "tells", "writes")

    def __init__(self, clause: ClauseElement, writes: bool | None = None, *, tells: Tells | None = None) -> None:
        self.clause = clause
        self.tells = tells
        self.writes = writes if writes is not None else not getattr(clause, "is_select", False)
        self._compiled: dict[str, tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]] = {}

    def __call__(self, **parameters: Any) -> "Call":
        """The statement with its parameters."""
        return Call(self, parameters)

    def compiled(self, dialect: str) -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
        """The text for a dialect, and a function that puts parameters into its order."""
        found = self._compiled.get(dialect)
        if found is None:
            found = self._compiled[dialect] = self._compile(dialect)
        return found

    def _compile(self, dialect: str) -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
        done: Any = self.clause.compile(dialect=_DIALECTS[dialect])
        names = list(done.positiontup or ())
        values: Any = done.params
        fixed = {name: values[name] for bind, name in done.bind_names.items() if not bind.required}

        def ordered(parameters: Mapping[str, Any]) -> tuple[Any, ...]:
            return tuple(parameters[name] if name in parameters else fixed[name] for name in names)

        return done.string, ordered


@dataclass(frozen=True, slots=True)
class Call:
    """A statement and the values for it."""

    statement: Statement
    parameters: Mapping[str, Any]


Operation = Generator[Call, Rows, Any]


class Database(Protocol):
    """SQLite or PostgreSQL."""

    dialect: str

    async def fetch(self, call: Call) -> Rows:
        """Rows of a single statement, committed by itself.

        Raises:
            Conflict: when a unique name is taken.
            StorageUnavailable: when the database does not answer.
        """
        ...

    async def run(self, operation: Operation) -> Any:
        """What an operation returns; all its calls commit together or not at all."""
        ...

    async def ping(self) -> None:
        """Asks the database for a sign of life.

        Raises:
            StorageUnavailable: within two seconds when there is none.
        """
        ...

    async def close(self) -> None:
        """Gives up all connections."""
        ...


def among(column: ColumnElement[str], names: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column holds one of some names of ours; they become part of the statement's text.

    Raises:
        ValueError: when a name is more than letters and underscores, which no name of ours is.
    """
    parts: list[ColumnElement[str]] = []
    for name in names:
        if not name.replace("_", "").isalpha():
            raise ValueError(name)
        parts.append(literal_column(f"'{name}'"))
    return column.in_(parts)
