import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from identity_server.configuration import Configuration, load, of
from identity_server.configuration.reload import Watcher, keep_immutable, watch


@pytest.fixture
def file(tmp_path: Path, minimal):
    path = tmp_path / "kratos.json"

    def write(**sections: Any) -> str:
        other = tmp_path / "next"
        other.write_text(json.dumps({**minimal, **sections}))
        os.replace(other, path)
        return str(path)

    write()
    return write


@pytest.fixture
def watcher(file) -> Watcher:
    path = file()
    return Watcher([path], lambda: load([path], {}), load([path], {}))


def test_without_a_change_nothing_happens(watcher: Watcher):
    outcome = watcher.look()
    assert (outcome.configuration, outcome.error, outcome.waiting) == (None, None, ())


def test_a_changed_file_is_taken_into_use_once(watcher: Watcher, file):
    file(session={"lifespan": "1h"})
    found = watcher.look().configuration
    assert found is not None
    assert found.get("session.lifespan") == "1h"
    assert watcher.current is found
    assert watcher.look().configuration is None


def test_a_file_touched_without_a_change_is_not_loaded(watcher: Watcher, file):
    file()
    watcher.load = lambda: pytest.fail("loaded")
    assert watcher.look().configuration is None


def test_f25_an_invalid_change_keeps_the_old_configuration(watcher: Watcher, file):
    Path(file()).write_text("{")
    outcome = watcher.look()
    assert "not valid JSON" in str(outcome.error)
    assert watcher.current.get("dsn") == "memory"
    assert watcher.look().error is None
    file(session={"lifespan": "1h"})
    assert watcher.look().configuration is not None


def test_f25_a_file_that_vanishes_keeps_the_old_configuration(watcher: Watcher, file):
    Path(file()).unlink()
    assert "cannot be read" in str(watcher.look().error)
    file(session={"lifespan": "1h"})
    assert watcher.look().configuration is not None


def test_a_signal_loads_what_no_file_shows(watcher: Watcher):
    changed = of({**watcher.current.given(), "session": {"lifespan": "1h"}})
    watcher.load = lambda: changed
    assert watcher.look().configuration is None
    assert watcher.look(force=True).configuration is changed


def test_what_listeners_are_made_of_waits_for_a_restart(configure):
    old = configure(serve={"public": {"port": 1, "base_url": "https://a.test/"}}, log={"level": "info"})
    serve = {"public": {"port": 2, "cors": {"enabled": True}}, "admin": {"port": 3}}
    new, waiting = keep_immutable(old, configure(serve=serve, log={"level": "debug"}, session={"lifespan": "1h"}))
    assert waiting == ("log.level", "serve.admin.port", "serve.public.base_url", "serve.public.port")
    assert (new.get("serve.public.port"), new.get("serve.admin.port"), new.get("log.level")) == (1, 4434, "info")
    assert new.public_base_url == "https://a.test/"
    assert new.flag("serve.public.cors.enabled")
    assert new.get("session.lifespan") == "1h"


def test_a_revoked_admin_key_is_revoked_without_a_restart(configure):
    keys = [{"name": "a", "key": "a" * 32}, {"name": "b", "key": "b" * 32}]
    old = configure(serve={"admin": {"auth": {"keys": keys}}})
    new, waiting = keep_immutable(old, configure(serve={"admin": {"auth": {"keys": keys[:1]}}}))
    assert [key["name"] for key in new.items("serve.admin.auth.keys")] == ["a"]
    assert waiting == ()


def test_the_loop_logs_one_line_for_each_refused_change(watcher: Watcher, file):
    lines: list[str] = []
    used: list[Configuration] = []
    steps = iter(
        [
            lambda: Path(file()).write_text("{"),
            lambda: None,
            lambda: file(session={"lifespan": "1h"}, log={"level": "debug"}),
        ]
    )

    async def pause() -> bool:
        try:
            next(steps)()
        except StopIteration:
            raise asyncio.CancelledError from None
        return False

    async def changed(configuration: Configuration) -> None:
        used.append(configuration)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(watch(watcher, pause, changed, lines.append))
    assert [configuration.get("session.lifespan") for configuration in used] == ["1h"]
    assert ["refused" in line for line in lines] == [True, False]
    assert "need a restart: log.level" in lines[1]
