import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

YEAR, DAY, HALF_A_DAY = timedelta(days=365), timedelta(days=1), timedelta(hours=12)


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What storage was asked to clean."""
    module: Any = ModuleType("identity_server.storage.cleanup")
    calls: list[tuple[str, dict[str, Any]]] = []

    def run(dsn: str, **how: Any) -> dict[str, int]:
        calls.append((dsn, how))
        return {"sessions": 2, "selfservice_login_flows": 0}

    module.run = run
    monkeypatch.setitem(sys.modules, "identity_server.storage.cleanup", module)
    return calls


def test_the_defaults_are_the_configurations(run, cleaned):
    ran = run("cleanup", "sql", env={"DSN": "sqlite:///a"})
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == ["sessions: 2 removed", "selfservice_login_flows: 0 removed"]
    assert cleaned == [
        (
            "sqlite:///a",
            {
                "batch_size": 100,
                "pause": timedelta(minutes=1),
                "keep_last": timedelta(0),
                "audit_retention": YEAR,
                "guesses_count": HALF_A_DAY,
            },
        )
    ]


def test_the_configuration_goes_over_the_defaults_and_flags_over_that(run, cleaned, tmp_path: Path):
    file = tmp_path / "kratos.yml"
    file.write_text(
        "dsn: sqlite:///b\ndatabase: {cleanup: {batch_size: 7, older_than: 1h, sleep: {tables: 2s}}}\n"
        "audit: {retention: 24h}\nsecurity: {brute_force: {codes: {window: 48h}}}\n"
    )
    assert run("cleanup", "sql", "-e", "-c", file, "--keep-last", "90s").status == 0
    run("cleanup", "sql", "-c", file, "--database.cleanup.sleep.tables", "1ms", "-b", "9")
    assert cleaned == [
        (
            "sqlite:///b",
            {
                "batch_size": 7,
                "pause": timedelta(seconds=2),
                "keep_last": timedelta(seconds=90),
                "audit_retention": DAY,
                "guesses_count": timedelta(hours=48),
            },
        ),
        (
            "sqlite:///b",
            {
                "batch_size": 9,
                "pause": timedelta(milliseconds=1),
                "keep_last": timedelta(hours=1),
                "audit_retention": DAY,
                "guesses_count": timedelta(hours=48),
            },
        ),
    ]


def test_the_database_may_be_an_argument(run, cleaned):
    assert run("cleanup", "sql", "sqlite:///c").status == 0
    assert cleaned[0][0] == "sqlite:///c"


@pytest.mark.parametrize(
    ("flag", "value"), [("--keep-last", "forever"), ("-b", "0"), ("--database.cleanup.sleep.tables", "1")]
)
def test_bad_flags_are_refused(run, cleaned, flag, value):
    assert run("cleanup", "sql", "sqlite:///c", flag, value).status == 1
    assert cleaned == []
