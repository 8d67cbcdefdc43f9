import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from identity_server.configuration import ConfigurationError, Problem
from identity_server.errors import StorageUnavailable
from identity_server.storage.dsn import BadDSN


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The server's process, which only notes what it was asked to do."""
    module: Any = ModuleType("identity_server.server_process")
    noted = SimpleNamespace(calls=[], raises=None, status=0)

    def run(*args: Any) -> int:
        noted.calls.append(args)
        if noted.raises:
            raise noted.raises
        return noted.status

    module.run = module.watch_courier = run
    monkeypatch.setitem(sys.modules, "identity_server.server_process", module)
    return noted


BOTH = {"public", "admin"}


@pytest.mark.parametrize(
    ("args", "call"),
    [
        (["serve"], ([], BOTH, False, False)),
        (["serve", "all", "-c", "a.yml", "-c", "b.yml"], (["a.yml", "b.yml"], BOTH, False, False)),
        (["-c", "a.yml", "serve", "public", "--dev"], (["a.yml"], {"public"}, True, False)),
        (["serve", "admin", "--watch-courier", "--sqa-opt-out"], ([], {"admin"}, False, True)),
        (["courier", "watch", "-c", "a.yml"], (["a.yml"], False, 0)),
        (["-c", "a.yml", "courier", "watch", "--expose-metrics-port", "4435"], (["a.yml"], False, 4435)),
    ],
)
def test_the_server_is_run_as_asked(run, process, args, call):
    process.status = 3
    assert run(*args).status == 3
    assert process.calls == [call]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            ConfigurationError([Problem("a.b", "is missing"), Problem("c", "is not a known key")]),
            ["  a.b: is missing", "  c: is not a known key"],
        ),
        (BadDSN("the scheme 'oracle' is unknown"), ["  dsn: the scheme 'oracle' is unknown"]),
        (
            StorageUnavailable("the database does not answer"),
            ["The database cannot be used: the database does not answer"],
        ),
        (OSError(98, "Address already in use"), ["The server cannot start: [Errno 98] Address already in use"]),
    ],
)
@pytest.mark.parametrize("command", [["serve"], ["courier", "watch"]])
def test_what_keeps_it_from_starting_is_told_without_a_trace(run, process, command, error, says):
    process.raises = error
    ran = run(*command)
    assert ran.status == 1
    assert ran.err.splitlines()[-len(says) :] == says
