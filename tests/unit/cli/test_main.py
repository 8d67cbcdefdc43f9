import subprocess
import sys
from pathlib import Path

import click
import pytest

from identity_server.cli.groups import LazyGroup, command_first
from identity_server.cli.main import main, root
from identity_server.version import VERSION


def test_the_version_is_on_the_first_line(run):
    ran = run("version")
    assert ran.status == 0
    assert ran.out.splitlines()[0] == f"Version: {VERSION}"
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == ["Version", "Build Commit", "Build Timestamp"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["no-such-command"], "there is no command 'no-such-command'; allowed: serve, migrate"),
        (["version", "--no-such-flag"], "--no-such-flag"),
        (["-c", "kratos.yml", "migrate", "nothing", "-e", "--yes"], "there is no command 'nothing'; allowed: sql"),
        (["serve", "everything"], "'everything' is not one of 'all', 'public', 'admin'"),
        (["--verbose"], "--verbose"),
    ],
)
def test_what_is_not_known_ends_with_status_1(run, args, says):
    ran = run(*args)
    assert (ran.status, ran.out) == (1, "")
    assert says in ran.err


@pytest.mark.parametrize(
    "args", [["--help"], ["-h"], ["migrate", "--help"], ["migrate", "sql", "-h"], ["serve", "--help"]]
)
def test_help_is_no_failure(run, args):
    ran = run(*args)
    assert ran.status == 0
    assert "Usage: kratos" in ran.out


def test_the_command_alone_shows_what_there_is(run):
    ran = run()
    assert ran.status == 0
    assert "serve" in ran.err


@pytest.mark.parametrize(
    ("args", "sorted_args"),
    [
        (["-c", "a.yml", "serve"], ["serve", "-c", "a.yml"]),
        (["--config=a.yml", "serve", "--dev"], ["serve", "--config=a.yml", "--dev"]),
        (["--dev", "serve"], ["serve", "--dev"]),
        (["-e", "http://a", "-q", "serve", "x"], ["serve", "-e", "http://a", "-q", "x"]),
        (["-c", "a.yml"], ["-c", "a.yml"]),
        (["--help", "serve"], ["--help", "serve"]),
        ([], []),
    ],
)
def test_flags_may_stand_before_the_command(args, sorted_args):
    assert command_first(args, {"serve"}) == sorted_args


def every_command(group: click.Group, path: tuple[str, ...] = ()):
    for name in group.entries if isinstance(group, LazyGroup) else group.commands:
        command = group.get_command(click.Context(group), name)
        assert command is not None, (*path, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


@pytest.mark.parametrize(
    ("path", "command"),
    list(every_command(root)),
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_every_command_can_be_loaded_and_explains_itself(path: tuple[str, ...], command: click.Command):
    assert command.help
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help, param.name


HEAVY = {
    "yaml",
    "sqlalchemy",
    "alembic",
    "asyncpg",
    "httpx2",
    "jsonschema",
    "starlette",
    "uvicorn",
    "argon2",
    "asyncio",
}


@pytest.mark.parametrize("args", [["version"], ["--help"], ["migrate", "--help"]])
def test_quick_commands_import_nothing_heavy(args):
    program = (
        f"import sys; from identity_server.cli.main import main; main({args}); print([*sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3] / "src",
    )
    assert not HEAVY & set(eval(done.stderr))


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path):
    (tmp_path / "long.jsonnet").write_text(f"[{', '.join(map(str, range(100_000)))}]")
    command = [sys.executable, "-m", "identity_server.cli.main", "format", "jsonnet", str(tmp_path / "long.jsonnet")]
    source = Path(__file__).parents[3] / "src"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=source) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.parametrize("error", [click.Abort, KeyboardInterrupt, EOFError])
def test_an_interruption_is_told_and_fails(capsys, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]):
    def interrupted(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(root, "main", interrupted)
    assert main([]) == 1
    assert capsys.readouterr().err == "Aborted.\n"
