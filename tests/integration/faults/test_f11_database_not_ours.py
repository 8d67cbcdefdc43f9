"""F11: the database may not be written, or belongs to somebody else. The start ends with one line that says so."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from live_server import PATIENCE, PROGRAM, configuration, free_port, migrate

_EVERYWHERE = "-dac_override,-dac_read_search"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with a database that is up to date."""
    dsn = f"sqlite://{tmp_path}/data/kratos.sqlite"
    (tmp_path / "data").mkdir()
    file = tmp_path / "kratos.yml"
    file.write_text(yaml.safe_dump(configuration(dsn, free_port(), free_port())))
    migrate(file, dsn)
    return file


def give_away(path: Path, mode: int) -> None:
    """Lets a path belong to somebody else where that is possible, with some permissions."""
    if os.geteuid() == 0:
        shutil.chown(path, 65534, 65534)
    os.chmod(path, mode)


def refused_start(config: Path) -> str:
    """What a start that fails says; root goes without its right to write everywhere."""
    unprivileged = ["setpriv", f"--bounding-set={_EVERYWHERE}", f"--inh-caps={_EVERYWHERE}"]
    command = [*(unprivileged if os.geteuid() == 0 else []), PROGRAM, "serve", "--dev", "-c", str(config)]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    said = done.stderr.decode()
    assert done.returncode == 1, said
    assert time.monotonic() - began < PATIENCE / 2
    return said


@pytest.mark.parametrize("mode", [0o444, 0o000])
def test_f11_a_file_that_may_not_be_written_is_one_clear_line(config: Path, mode: int) -> None:
    file = config.parent / "data" / "kratos.sqlite"
    give_away(file, mode)
    said = refused_start(config)
    assert said.count("\n") == 1
    assert str(file) in said and "Traceback" not in said


def test_f11_a_folder_that_may_not_be_written_is_one_clear_line(config: Path) -> None:
    folder = config.parent / "data"
    give_away(folder, 0o555)
    said = refused_start(config)
    assert said.count("\n") == 1
    assert str(folder) in said and "Traceback" not in said
