"""Data source names in Kratos' forms."""

import os
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

#: Query parameters that size the pool; all others must be the driver's.
_POOL = {"max_conns", "max_idle_conns", "max_conn_lifetime", "max_conn_idle_time", "connect_timeout"}
_DRIVER = {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "application_name", "target_session_attrs", "host"}


class BadDSN(ValueError):
    """A data source name that names no database we know; the text says what is allowed."""


@dataclass(frozen=True)
class SqliteDSN:
    """A file, or memory that ends with the process.

    Attributes:
        path: the file; None for memory.
        read_only: set by ``mode=ro``.
    """

    path: str | None
    read_only: bool = False


@dataclass(frozen=True)
class PostgresDSN:
    """A PostgreSQL server's database.

    Attributes:
        url: for the driver, without what sizes the pool.
        pool: ``max_conns`` and its kin, as text.
    """

    url: str = field(repr=False)
    pool: dict[str, str] = field(default_factory=dict)

    @property
    def most_connections(self) -> int:
        """How many connections one process may hold; Kratos' default, two a processor, and no fewer than four."""
        return max(1, int(self.pool.get("max_conns") or max(4, 2 * (os.cpu_count() or 1))))


def parse(dsn: str) -> SqliteDSN | PostgresDSN:
    """Reads a data source name.

    Raises:
        BadDSN: when its scheme or a parameter is unknown.
    """
    if dsn == "memory":
        return SqliteDSN(None)
    scheme = dsn.partition(":")[0].lower()
    if scheme == "sqlite":
        return _sqlite(dsn)
    if scheme in ("postgres", "postgresql"):
        return _postgres(dsn)
    raise BadDSN(
        f"the scheme {scheme!r} is unknown; allowed are memory, sqlite://PATH and postgres://USER:PASSWORD@HOST/NAME"
    )


def _sqlite(dsn: str) -> SqliteDSN:
    rest, _, query = dsn[len("sqlite:") :].partition("?")
    path = unquote(rest.removeprefix("//"))
    options = dict(parse_qsl(query))
    if path in ("", ":memory:") or options.get("mode") == "memory":
        return SqliteDSN(None)
    return SqliteDSN(path, options.get("mode") == "ro")


def _postgres(dsn: str) -> PostgresDSN:
    parts = urlsplit(dsn)
    options = parse_qsl(parts.query, keep_blank_values=True)
    unknown = sorted({name for name, _ in options} - _POOL - _DRIVER)
    if unknown:
        allowed = ", ".join(sorted(_POOL | _DRIVER))
        raise BadDSN(f"the parameter {unknown[0]!r} is unknown; allowed are {allowed}")
    pool = {name: value for name, value in options if name in _POOL}
    if not pool.get("max_conns", "1").isdigit():
        raise BadDSN("max_conns must be a whole number")
    driver = urlencode([(name, value) for name, value in options if name not in _POOL])
    return PostgresDSN(urlunsplit(("postgresql", parts.netloc, parts.path, driver, "")), pool)
