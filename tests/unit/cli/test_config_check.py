import json
from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kratos.json"
    schemas = [{"id": "default", "url": "base64://e30="}]
    values = {
        "dsn": "postgres://user:hunter2@db/kratos",
        "identity": {"schemas": schemas},
        "selfservice": {"default_browser_return_url": "https://app.test/"},
        "secrets": {"cookie": ["hunter2-hunter2-hunter2"], "cipher": ["hunter2-hunter2-hunter2-hunter2-"]},
    }
    path.write_text(json.dumps(values))
    return path


def test_every_value_is_shown_with_its_source_and_no_secret(run, file):
    ran = run("config", "check", "-c", file, "--dev", "--format", "json", env={"LOG_LEVEL": "debug"})
    assert ran.status == 0
    rows = {row["key"]: (row["value"], row["source"]) for row in ran.json}
    assert rows["dsn"] == ("postgres://user:(hidden)@db/kratos", str(file))
    assert rows["log.level"] == ("debug", "environment variable LOG_LEVEL")
    assert rows["dev"] == (True, "flag --dev")
    assert "session.lifespan" not in rows
    assert "hunter2" not in ran.out


def test_defaults_are_shown_when_asked_for(run, file):
    rows = run("config", "check", "-c", file, "--all", "--format", "json").json
    assert {"key": "session.lifespan", "value": "24h", "source": "default"} in rows


def test_the_table_has_three_columns(run, file):
    lines = run("config", "check", "-c", file).out.splitlines()
    assert lines[0].split() == ["KEY", "VALUE", "SOURCE"]
    assert any(line.startswith("secrets.cookie") and '["(hidden)"]' in line for line in lines)


def test_every_reason_is_told(run, file):
    values = json.loads(file.read_text())
    file.write_text(json.dumps({**values, "sessn": {}, "log": {"level": "loud"}}))
    ran = run("config", "check", "-c", file)
    assert (ran.status, ran.out) == (1, "")
    assert "sessn: is not a known key; allowed: session or version (a similar key)" in ran.err
    assert "log.level: 'loud' is not allowed" in ran.err


def test_t33_what_only_development_may_lack_is_told_too(run, file):
    values = json.loads(file.read_text())
    del values["secrets"]["cipher"]
    file.write_text(json.dumps(values))
    ran = run("config", "check", "-c", file)
    assert (ran.status, ran.out) == (1, "")
    assert "secrets.cipher: is not set" in ran.err
    assert run("config", "check", "-c", file, "--dev").status == 0


def test_without_a_configuration_it_shows_the_embedded_one(run, tmp_path: Path):
    ran = run("config", "check", env={"KRATOS_DATA_DIR": str(tmp_path / "data")})
    assert ran.status == 0
    assert f"sqlite://{tmp_path}/data/kratos.sqlite" in ran.out
