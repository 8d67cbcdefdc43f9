"""T16, T17, T18, T33: what an operator may be tricked into, tried on the real program and over its real listener."""

import base64
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from integration.faults.people import PASSWORD
from live_server import PATIENCE, PROGRAM, configuration, free_port, live_server, merged

CATASTROPHIC = ("^(a+)+$", "^(a|aa)+$", "^([a-zA-Z]+)*$", "^(a|a?)+$", "^(.*a){20}$")
FORTY = "a" * 40 + "!"


def data(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"base64://{base64.b64encode(text.encode()).decode()}"


def schema(**traits: Any) -> dict[str, Any]:
    email = {"type": "string", "ory.sh/kratos": {"credentials": {"password": {"identifier": True}}}}
    return {"type": "object", "properties": {"traits": {"type": "object", "properties": {"email": email, **traits}}}}


def started(tmp_path: Path, changes: dict[str, Any], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail."""
    values = merged(configuration(f"sqlite://{tmp_path}/k.sqlite", free_port(), free_port()), changes)
    file = tmp_path / "kratos.yml"
    file.write_text(yaml.safe_dump(values))
    command = [PROGRAM, "serve", "-c", str(file), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_t16_no_pattern_of_a_schema_holds_a_sign_up_up(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(len(CATASTROPHIC))]
    properties = {
        name: {"type": "string", "pattern": pattern} for name, pattern in zip(names, CATASTROPHIC, strict=True)
    }
    overrides = {"identity": {"schemas": [{"id": "default", "url": data(schema(**properties))}]}}
    with live_server(tmp_path, overrides=overrides) as server:
        for name in names:
            body = {"schema_id": "default", "traits": {"email": "ada@example.com", name: FORTY}}
            answer = httpx2.post(server.admin + "admin/identities", json=body, timeout=10)
            assert answer.status_code == 400
            flow = httpx2.get(server.public + "self-service/registration/api", timeout=10).json()
            form = {"method": "password", "password": PASSWORD, "traits": body["traits"]}
            assert httpx2.post(flow["ui"]["action"], json=form, timeout=10).status_code == 400


@pytest.mark.parametrize(
    "hostile",
    [
        {"$ref": "file:///etc/passwd"},
        schema(name={"$ref": "file:///etc/passwd"}),
        schema(name={"$ref": "http://127.0.0.1:1/schema.json"}),
        {**schema(name={"$ref": "#/definitions/a"}), "definitions": {"a": {"$ref": "#/definitions/a"}}},
        "[" * 100_000,
        " " * 2_000_000 + "{}",
    ],
    ids=["file", "file in a trait", "remote", "circle", "deep", "large"],
)
def test_t17_a_hostile_schema_stops_the_start_by_its_id(tmp_path: Path, hostile: Any) -> None:
    file = tmp_path / "schema.json"
    file.write_text(hostile if isinstance(hostile, str) else json.dumps(hostile))
    done = started(tmp_path, {"identity": {"schemas": [{"id": "default", "url": f"file://{file}"}]}}, "--dev")
    assert done.returncode == 1
    assert "default" in done.stderr
    assert "Traceback" not in done.stderr and "root:" not in done.stderr + done.stdout


@pytest.mark.parametrize("missing", ["cookie", "cipher"])
def test_t33_without_lasting_secrets_it_does_not_start(tmp_path: Path, missing: str) -> None:
    secrets = {"cookie": ["a-cookie-secret-of-tests-00001"], "cipher": ["a-cipher-secret-of-tests-32-char"]}
    del secrets[missing]
    values = configuration(f"sqlite://{tmp_path}/k.sqlite", free_port(), free_port())
    file = tmp_path / "kratos.yml"
    file.write_text(yaml.safe_dump({**values, "secrets": secrets}))
    command = [PROGRAM, "serve", "-c", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert ("secrets.default" if missing == "cookie" else "secrets.cipher") in done.stderr


BOMBS = ("local f(n) = f(n) + f(n); f(1)", "std.repeat('a', 1000000000)", "local a = [a, a]; std.toString(a)")


def hook(path: str, snippet: str) -> dict[str, Any]:
    """A flow whose hook has a body that never ends."""
    web_hook = {"url": "http://127.0.0.1:1/", "method": "POST", "body": data(f"function(ctx) {snippet}")}
    return {"selfservice": {"flows": {"login": {path: {"hooks": [{"hook": "web_hook", "config": web_hook}]}}}}}


def peak_of(pid: int) -> int:
    """The most memory that a process ever had, in KiB."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def test_t18_a_bomb_in_a_hook_ends_and_costs_the_server_nothing(tmp_path: Path) -> None:
    with live_server(tmp_path, overrides=hook("before", BOMBS[0])) as server:
        for snippet in BOMBS:
            if snippet != BOMBS[0]:
                server.change(hook("before", snippet))
                time.sleep(2.5)
            before = peak_of(server.process.pid)
            answer = httpx2.get(server.public + "self-service/login/api", timeout=PATIENCE)
            assert answer.status_code >= 400, answer.text
            assert peak_of(server.process.pid) - before < 100 * 1024
            assert httpx2.get(server.public + "self-service/registration/api", timeout=PATIENCE).status_code == 200
