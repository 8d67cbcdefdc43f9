"""How units are kept apart, in its parts."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from juju_sandbox import tools
from juju_sandbox.failures import SandboxError
from juju_sandbox.house import free_loopback
from juju_sandbox.places import REPOSITORY, Places
from juju_sandbox.unit import plain, plain_charm, spaces
from juju_sandbox.unit.channel import Channel
from juju_sandbox.unit.relay import Relay, listen
from juju_sandbox.unit.spec import ContainerSpec, UnitSpec
from juju_sandbox.visitor import one_time_password

SITE = REPOSITORY / "sandbox" / "juju_sandbox" / "unit" / "plain_site"


def test_messages_bring_sockets_along() -> None:
    near, far = socket.socketpair()
    with near, far, socket.socket() as carried:
        Channel(near).send({"id": 1})
        Channel(near).send({"id": 2}, carried)
        receiver = Channel(far)
        messages = receiver.receive() or []
        while len(messages) < 2:
            messages += receiver.receive() or []
        assert [message for message, _ in messages] == [{"id": 1}, {"id": 2}]
        assert messages[0][1] is None
        brought = messages[1][1]
        assert brought is not None
        assert brought.fileno() != carried.fileno()
        brought.close()
        near.close()
        assert receiver.receive() is None


def test_a_relay_carries_both_ways() -> None:
    async def converse() -> bytes:
        async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write((await reader.read()).upper())
            writer.close()

        far = await asyncio.start_server(shout, "127.0.0.1", 0)
        listening = listen("127.0.0.1", 0)
        relay = Relay()
        await relay.serve("one", listening, "127.0.0.1", far.sockets[0].getsockname()[1])
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"hello")
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        await relay.keep_only(set())
        assert relay.names == set()
        far.close()
        return answer

    assert asyncio.run(converse()) == b"HELLO"


def test_a_spec_survives_its_journey() -> None:
    container = ContainerSpec("work", "/s", "/f", (("/a", "/b"),))
    spec = UnitSpec("one/0", True, "127.0.0.1", "/f", "/c", "/g", (container,), (("/a", "/d"),), "p", "h", "y", "r")
    assert UnitSpec.from_json(spec.to_json()).containers[0].name == "work"
    assert UnitSpec.from_json(spec.to_json()).isolated


def view(root: Path, code: str) -> str:
    """Runs Python as a workload without namespaces sees it."""
    environment = {"PYTHONPATH": str(SITE), "KRATOS_SANDBOX_ROOT": str(root)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_containers_file_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "hostname").write_text("mine", encoding="utf-8")
    assert view(tmp_path, "from pathlib import Path; print(Path('/etc/hostname').read_text())") == "mine"
    assert view(tmp_path, "print(open('/etc/passwd').readline()[:4])") == "root"


def test_a_new_file_is_made_in_the_container(tmp_path: Path) -> None:
    (tmp_path / "var" / "lib").mkdir(parents=True)
    code = (
        "import os, pathlib; os.makedirs('/var/lib/kratos-x/y'); pathlib.Path('/var/lib/kratos-x/y/z').write_text('1')"
    )
    view(tmp_path, code)
    assert (tmp_path / "var/lib/kratos-x/y/z").read_text(encoding="utf-8") == "1"
    assert not Path("/var/lib/kratos-x").exists()


@pytest.mark.parametrize("name", ["/var/lib/k.sqlite", "file:/var/lib/k.sqlite?mode=rwc", "file:///var/lib/k.sqlite"])
def test_a_database_is_made_in_the_container(tmp_path: Path, name: str) -> None:
    (tmp_path / "var" / "lib").mkdir(parents=True)
    view(
        tmp_path,
        f"import sqlite3; sqlite3.connect({name!r}, uri={name.startswith('file:')}).execute('create table a (b)')",
    )
    assert (tmp_path / "var/lib/k.sqlite").exists()


def test_checks_go_to_the_units_own_address_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(plain_charm.VIEW, "address", "127.0.0.2")
    there = plain_charm.to_unit("url: http://localhost:4434/ready")
    assert there == "url: http://127.0.0.2:4434/ready"
    assert plain_charm.from_unit(there) == "url: http://127.0.0.1:4434/ready"


def test_loopback_is_the_units_own_save_for_other_applications(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(plain_charm.VIEW, "address", "127.0.0.2")
    monkeypatch.setattr(plain_charm, "OUTSIDE", {5432})
    assert plain_charm.getaddrinfo("localhost", 4434)[0][4][0] == "127.0.0.2"
    assert plain_charm.getaddrinfo("127.0.0.1", 5432)[0][4][0] == "127.0.0.1"


def test_all_that_a_process_has_started_is_found() -> None:
    with subprocess.Popen(["/bin/sh", "-c", "sleep 60 & wait"]) as process:
        found: list[int] = []
        while not found:
            found = plain.descendants(process.pid)
        for pid in [*found, process.pid]:
            os.kill(pid, 9)
    assert len(found) == 1


def test_asking_for_namespaces_leaves_this_process_where_it_was() -> None:
    before = os.readlink("/proc/self/ns/net") if sys.platform == "linux" else ""
    assert spaces.possible() in (True, False)
    assert not before or os.readlink("/proc/self/ns/net") == before


def test_a_folder_for_sockets_that_others_could_enter_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    places = Places(tmp_path / "model")
    folder = places.make_sockets()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert places.sockets == folder
    folder.chmod(0o755)
    with pytest.raises(SandboxError, match="belongs to someone else"):
        places.make_sockets()


def test_a_link_in_place_of_that_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    places = Places(tmp_path / "model")
    folder = places.make_sockets()
    folder.rmdir()
    (tmp_path / "trap").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "trap")
    with pytest.raises(SandboxError, match="belongs to someone else"):
        places.make_sockets()


def test_a_missing_or_old_go_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(SandboxError, match="Go is missing"):
        tools.ensure_tools(print)
    old = tmp_path / "go"
    old.write_text("#!/bin/sh\necho go1.19.8\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda *_, **__: str(old))
    with pytest.raises(SandboxError, match="is too old to build Pebble"):
        tools.ensure_tools(print)


def test_a_build_that_fails_leaves_nothing_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "cache_folder", lambda: tmp_path)
    broken = tmp_path / "go"
    broken.write_text(
        '#!/bin/sh\n[ "$1" = env ] && echo go1.26 && exit\necho no network >&2; exit 1\n', encoding="utf-8"
    )
    broken.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda *_, **__: str(broken))
    with pytest.raises(SandboxError, match="could not build pebble:\nno network"):
        tools.ensure_tools(lambda text: None)
    assert list((tmp_path / "tools").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is one loopback address")
def test_another_loopback_address_is_taken_when_the_first_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KRATOS_SANDBOX_LOOPBACK", raising=False)
    busy = free_loopback()
    with listen(f"{busy}.1", 4433):
        assert free_loopback() != busy


def test_one_time_passwords_are_those_of_the_rfc() -> None:
    # RFC 6238, appendix B; the last six of its eight digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert one_time_password(secret, 59) == "287082"
    assert one_time_password(secret, 1111111109) == "081804"
