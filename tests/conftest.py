"""What all tests share: a PostgreSQL server, started once for all workers, and asynchronous tests on asyncio."""

import itertools
import os
from collections.abc import Iterator

import psycopg
import pytest

import postgres

_numbers = itertools.count(1)
_running: dict[str, object] = {}


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process starts PostgreSQL, the workers find it in their environment."""
    if hasattr(config, "workerinput") or config.option.collectonly or os.environ.get(postgres.SHARED):
        return
    if config.getoption("numprocesses", None) and not postgres.missing():
        context = postgres.server()
        os.environ[postgres.SHARED] = context.__enter__()
        _running["postgres"] = context


def pytest_unconfigure(config: pytest.Config) -> None:
    """And stops it."""
    context = _running.pop("postgres", None)
    if context is not None:
        context.__exit__(None, None, None)  # type: ignore[attr-defined]
        os.environ.pop(postgres.SHARED, None)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The event loop of asynchronous tests."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The DSN of a running PostgreSQL server, without a database at its end."""
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.server() as dsn:
        yield dsn


@pytest.fixture
def postgres_dsn(postgres_server: str) -> Iterator[str]:
    """The DSN of an empty database."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_server + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{postgres_server}{name}?sslmode=disable"
    with psycopg.connect(postgres_server + "postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def dsn(request: pytest.FixtureRequest, tmp_path: object) -> str:
    """An empty database of each kind in turn."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_dsn"))
    return f"sqlite://{tmp_path}/kratos.sqlite"
