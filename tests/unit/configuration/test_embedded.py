import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from identity_server.configuration import ConfigurationError, embedded, load
from identity_server.configuration.uri_sources import read_uri


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"KRATOS_DATA_DIR": str(tmp_path / "data")}


def start(environ: dict[str, str]):
    return load([], environ, base=embedded.layer(environ))


@pytest.mark.parametrize(
    ("files", "environ", "wanted"),
    [([], {}, True), ([], {"DSN": ""}, True), (["a.yml"], {}, False), ([], {"DSN": "memory"}, False)],
)
def test_it_stands_in_for_a_configuration_that_nobody_made(files, environ, wanted):
    assert embedded.wanted(files, environ) is wanted


def test_nothing_else_is_needed(environ, tmp_path: Path):
    found = start(environ)
    assert found.text("dsn") == f"sqlite://{tmp_path}/data/kratos.sqlite"
    assert found.lasting_secrets
    assert found.get("ciphers.algorithm") == "xchacha20-poly1305"
    schema = json.loads(read_uri(found.items("identity.schemas")[0]["url"]))
    assert schema["properties"]["traits"]["properties"]["email"]["ory.sh/kratos"]["credentials"]["password"][
        "identifier"
    ]


def test_strangers_on_the_network_cannot_reach_the_unguarded_admin_api(environ):
    assert {start(environ).text(f"serve.{side}.host") for side in ("public", "admin")} == {"127.0.0.1"}


def test_secrets_are_made_once_and_kept_for_the_owner_alone(environ, tmp_path: Path):
    first, second = start(environ), start(environ)
    kinds = ("default", "cookie", "cipher", "pagination")
    assert [first.secrets(kind) for kind in kinds] == [second.secrets(kind) for kind in kinds]
    assert len({first.secrets(kind)[0] for kind in kinds}) == 4
    file = tmp_path / "data" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["secrets.json"]


def test_servers_that_start_at_once_agree_on_the_secrets(environ):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(start, [environ] * 16))
    assert len({configuration.secrets("cookie")[0] for configuration in found}) == 1


def test_broken_secrets_are_not_replaced(environ, tmp_path: Path):
    start(environ)
    file = tmp_path / "data" / "secrets.json"
    file.write_text('{"default": [')
    with pytest.raises(ConfigurationError, match="restore it"):
        start(environ)
    assert file.read_text() == '{"default": ['


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="KRATOS_DATA_DIR"):
        embedded.layer({"KRATOS_DATA_DIR": str(tmp_path / "file" / "data")})


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"KRATOS_DATA_DIR": "/srv/kratos", "XDG_DATA_HOME": "/x"}, "/srv/kratos"),
        ({"XDG_DATA_HOME": "/x", "HOME": "/home/a"}, "/x/kratos"),
        ({"XDG_DATA_HOME": "relative", "HOME": "/home/a"}, "/home/a/.local/share/kratos"),
        ({"HOME": "/home/a"}, "/home/a/.local/share/kratos"),
    ],
)
def test_the_folder_follows_the_environment(environ, folder):
    assert str(embedded.data_folder(environ)) == folder


def test_the_environment_goes_over_it(environ):
    found = start({**environ, "SERVE_PUBLIC_PORT": "5000", "LOG_LEVEL": "debug"})
    assert found.public_base_url == "http://127.0.0.1:5000/"
    assert found.text("selfservice.default_browser_return_url") == "http://127.0.0.1:5000/ui/"
    assert found.text("cookies.secure") == "false"
    assert start({**environ, "SERVE_PUBLIC_BASE_URL": "https://id.test/"}).text("cookies.secure") == "true"
