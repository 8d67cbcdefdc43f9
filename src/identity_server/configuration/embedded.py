"""What stands in for a configuration when there is none: one server, one folder, nothing to set up.

The folder holds the database and secrets that were made at the first start. The listeners take calls from this
machine alone, since the admin API of an embedded server asks nobody who they are.
"""

import base64
import json
import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import files as resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from identity_server.configuration.layers import Layer
from identity_server.configuration.problems import ConfigurationError, Problem

DATABASE_FILE = "kratos.sqlite"
SECRETS_FILE = "secrets.json"
#: Bytes of randomness; as hexadecimal the cipher's secret has the 32 characters it must have.
_SECRET_BYTES = {"default": 32, "cookie": 32, "cipher": 16, "pagination": 32}


def wanted(files: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether nobody has configured anything: no file, and no database in the environment."""
    return not files and not environ.get("DSN")


def data_folder(environ: Mapping[str, str]) -> Path:
    """``KRATOS_DATA_DIR``, or ``kratos`` in the XDG data home."""
    if chosen := environ.get("KRATOS_DATA_DIR"):
        return Path(chosen).absolute()
    home = environ.get("XDG_DATA_HOME", "")
    # The XDG specification has relative paths ignored.
    base = Path(home) if os.path.isabs(home) else Path(environ.get("HOME") or Path.home()) / ".local" / "share"
    return base / "kratos"


def layer(environ: Mapping[str, str]) -> Layer:
    """The lowest layer of an embedded server; makes the folder and its secrets where they are missing.

    Raises:
        ConfigurationError: when the folder or the secrets cannot be used.
    """
    folder = data_folder(environ)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = _secrets(folder / SECRETS_FILE)
    except OSError as error:
        what = f"the data folder {folder} cannot be used: {error.strerror or error}"
        raise ConfigurationError([Problem("", what, "a folder of your own, named by KRATOS_DATA_DIR")]) from None
    return Layer(f"embedded defaults in {folder}", _values(folder, kept, environ))


def _values(folder: Path, kept: dict[str, list[str]], environ: Mapping[str, str]) -> dict[str, Any]:
    port = environ.get("SERVE_PUBLIC_PORT") or "4433"
    base_url = environ.get("SERVE_PUBLIC_BASE_URL") or f"http://127.0.0.1:{port}/"
    schema = base64.b64encode(resources("identity_server.configuration").joinpath("embedded_schema.json").read_bytes())
    return {
        "dsn": f"sqlite://{quote(str(folder / DATABASE_FILE))}",
        "identity": {"schemas": [{"id": "default", "url": f"base64://{schema.decode()}"}]},
        "selfservice": {
            "default_browser_return_url": f"{base_url}ui/",
            "flows": {"registration": {"after": {"password": {"hooks": [{"hook": "session"}]}}}},
        },
        "serve": {
            "public": {"host": "127.0.0.1", "base_url": base_url},
            "admin": {"host": "127.0.0.1"},
        },
        "cookies": {"secure": "true" if base_url.startswith("https:") else "false"},
        "ciphers": {"algorithm": "xchacha20-poly1305"},
        "secrets": kept,
    }


def _secrets(file: Path) -> dict[str, list[str]]:
    try:
        return _read(file)
    except FileNotFoundError:
        _make(file)
        return _read(file)


def _read(file: Path) -> dict[str, list[str]]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {kind: [str(secret) for secret in kept[kind]] for kind in _SECRET_BYTES}
    except (ValueError, KeyError, TypeError):
        what = f"the file {file} does not hold the secrets that were once written there"
        hint = "restore it; without it, what was encrypted in the database is lost"
        raise ConfigurationError([Problem("", what, hint)]) from None


def _make(file: Path) -> None:
    """Writes fresh secrets whole or not at all; of two servers that start at once, one wins."""
    fresh = {kind: [secrets.token_hex(size)] for kind, size in _SECRET_BYTES.items()}
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".secrets-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(fresh, stream)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(temporary, file)
        except FileExistsError:
            return
    finally:
        os.unlink(temporary)
