"""postgresql-k8s: a real PostgreSQL on loopback, and the provider's side of `postgresql_client` v0.

Wire facts: the requirer asks with `database` in its application bag; the answer is the endpoints and two secrets,
`secret-user` (username, password, uris) and `secret-tls`.
"""

import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from juju_sandbox.actors.actor import Actor, provides, requires
from juju_sandbox.failures import SandboxError
from juju_sandbox.network import free_port
from juju_sandbox.services import Account, open_to, reachable, remove_tree
from juju_sandbox.store import Row

MISSING = (
    "no PostgreSQL server is installed on this machine; the sandbox looks in /usr/lib/postgresql/*/bin and on PATH"
    " (Debian and Ubuntu: apt-get install postgresql)"
)


def find_programs() -> Path | None:
    """The folder of the newest installed server's programs."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name.zfill(4))
    complete = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    found = shutil.which("pg_ctl")
    return complete[-1] if complete else Path(found).resolve().parent if found else None


class PostgreSQL(Actor):
    charm: ClassVar[str] = "postgresql-k8s"
    summary: ClassVar[str] = "a real PostgreSQL server, when one is installed"
    endpoints = provides(("database", "postgresql_client")) | requires(("certificates", "tls-certificates"))
    options: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "plugin_pg_trgm_enable": {"type": "boolean", "default": False},
        "plugin_btree_gin_enable": {"type": "boolean", "default": False},
    }
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "rotate-relation-password": {
            "description": "Gives the user of a relation a new password, as a rotation by the operator would.",
            "params": {"application": {"type": "string"}},
        }
    }

    def settle(self) -> tuple[str, str]:
        programs = find_programs()
        if programs is None:
            return "blocked", MISSING
        self._start(programs)
        self.drop_secrets_of_gone_relations()
        self._drop_users_of_relations_that_are_gone()
        for row in self.relations("database"):
            self.settle_relation(row)
        return "active", "Primary"

    def settle_relation(self, row: Row) -> None:
        asked = self.remote_bag(row).get("database")
        if not asked:
            return
        name, user = asked, f"relation-{row['relation']}"
        password = self.secret_content(row, "user").get("password") or secrets.token_urlsafe(24)
        if not self.fact(f"made.{row['relation']}"):
            self._make_database(name, user, password)
            self.set_fact(f"made.{row['relation']}", name)
        self._publish(row, name, user, password)

    def _publish(self, row: Row, name: str, user: str, password: str) -> None:
        endpoint = f"127.0.0.1:{self.fact('port')}"
        uris = f"postgresql://{user}:{password}@{endpoint}/{name}"
        content = {"username": user, "password": password, "uris": uris, "read-only-uris": uris}
        asked = {key: value for key, value in self.remote_bag(row).items() if key != "data"}
        self.write(
            row,
            {
                "data": json.dumps(asked, sort_keys=True),
                "database": name,
                "endpoints": endpoint,
                "read-only-endpoints": endpoint,
                "secret-user": self.secret(row, "user", content),
                "secret-tls": self.secret(row, "tls", {"tls": "False"}),
                "subordinated": "false",
                "version": self.fact("version"),
            },
        )
        self.write_unit(row, {"state": "ready"})

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        wanted = parameters.get("application")
        rows = [row for row in self.relations("database") if wanted in (None, self.remote(row))]
        rows = [row for row in rows if self.fact(f"made.{row['relation']}")]
        if not rows:
            raise SandboxError("no such application has a database here")
        for row in rows:
            user, password = f"relation-{row['relation']}", secrets.token_urlsafe(24)
            self._query(f"ALTER ROLE {_name(user)} PASSWORD {_text(password)};")
            self._publish(row, self.fact(f"made.{row['relation']}"), user, password)
        return {"rotated": str(len(rows))}

    def stop(self) -> None:
        self.world.services.stop(self.name)
        self.world.ports.pop(self.name, None)

    def remove(self) -> None:
        self.stop()
        if folder := self.fact("folder"):
            remove_tree(Path(folder))
        self.store.run("DELETE FROM fact WHERE key LIKE ?", f"{self.name}.%")

    def _start(self, programs: Path) -> None:
        if self.world.services.running(self.name):
            return
        account = Account.unprivileged()
        folder = Path(self.fact("folder") or self._choose_folder(account))
        data = folder / "data"
        if not (data / "PG_VERSION").exists():
            self._initialise(programs, folder, account)
        port = free_port()
        self.set_fact("folder", str(folder))
        self.set_fact("port", str(port))
        self.set_fact("version", (data / "PG_VERSION").read_text(encoding="ascii").strip())
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
            "max_connections": 200,
            "shared_buffers": "32MB",
            # The sandbox's data may be lost in a power cut.
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        argv = [str(programs / "postgres"), "-D", str(data), *(f"--{key}={value}" for key, value in settings.items())]
        self.world.services.start(
            self.name, argv, ready=lambda: _answers(folder, port), account=account, stop=signal.SIGINT
        )
        self.world.ports[self.name] = {port}

    def _choose_folder(self, account: Account | None) -> str:
        folder = open_to(self.world.places.services / self.name, account)
        if account and not reachable(folder, account):
            # The model lies where only root may go, such as /root.
            remove_tree(folder)
            digest = self.world.places.sockets.name.rpartition("-")[2]
            folder = open_to(Path("/var/tmp") / f"juju-sandbox-{digest}-{self.name}", account)  # noqa: S108
        return str(folder)

    def _initialise(self, programs: Path, folder: Path, account: Account | None) -> None:
        argv = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "operator", "-A", "scram-sha-256"]
        argv += ["--auth-local=peer", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        done = subprocess.run(
            argv,
            capture_output=True,
            text=True,
            cwd="/",
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
        if done.returncode:
            raise SandboxError(f"initdb failed: {done.stderr.strip()}")
        me = account.name if account else _own_name()
        (folder / "data" / "pg_ident.conf").write_text(f"sandbox {me} operator\n", encoding="utf-8")
        rules = "local all operator peer map=sandbox\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (folder / "data" / "pg_hba.conf").write_text(rules, encoding="utf-8")

    def _make_database(self, name: str, user: str, password: str) -> None:
        exists = self._query(f"SELECT 1 FROM pg_database WHERE datname = {_text(name)};").strip()  # noqa: S608 - quoted
        self._query(f"DROP ROLE IF EXISTS {_name(user)};")
        self._query(f"CREATE ROLE {_name(user)} LOGIN PASSWORD {_text(password)};")
        if not exists:
            self._query(f"CREATE DATABASE {_name(name)};")
        self._query(f"ALTER DATABASE {_name(name)} OWNER TO {_name(user)};")
        # The real charm makes these when its plugin options are set; the server's migrations use both.
        extensions = "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS btree_gin;"
        self._query(f"{extensions} GRANT ALL ON SCHEMA public TO {_name(user)};", name)

        # As the real charm does it: who is related now owns what those before left behind.
        self._query(_give_tables(user), name)

    def _drop_users_of_relations_that_are_gone(self) -> None:
        prefix = f"{self.name}.made."
        keys = self.store.column("SELECT key FROM fact WHERE key LIKE ?", f"{prefix}%")
        alive = {f"{prefix}{row['relation']}" for row in self.relations("database")}
        for key in sorted(set(keys) - alive):
            number = key.removeprefix(prefix)
            user, database = f"relation-{number}", self.fact(f"made.{number}")
            self._query(f"REASSIGN OWNED BY {_name(user)} TO operator; DROP OWNED BY {_name(user)};", database)
            ending = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {_text(user)};"  # noqa: S608
            self._query(f"DROP ROLE {_name(user)}; {ending}")
            self.store.run("DELETE FROM fact WHERE key = ?", key)

    def _query(self, statement: str, database: str = "postgres") -> str:
        """Runs SQL as the server's operator; on standard input, so that no password stands among arguments."""
        programs, account = find_programs(), Account.unprivileged()
        psql = programs / "psql" if programs and (programs / "psql").exists() else Path(shutil.which("psql") or "psql")
        folder, port = self.fact("folder"), self.fact("port")
        argv = [str(psql), "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", folder, "-p", port]
        done = subprocess.run(
            [*argv, "-U", "operator", "-d", database],
            input=statement,
            capture_output=True,
            text=True,
            cwd="/",
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
        if done.returncode:
            raise SandboxError(f"PostgreSQL refused: {done.stderr.strip().splitlines()[0]}")
        return done.stdout


def _give_tables(user: str) -> str:
    """Make a role the owner of all tables, and of the schemas that others made for some of them."""
    table = f"EXECUTE format('ALTER TABLE %I.%I OWNER TO %I', one.schemaname, one.tablename, {_text(user)})"
    schema = f"EXECUTE format('ALTER SCHEMA %I OWNER TO %I', one.nspname, {_text(user)})"
    system = "('pg_catalog', 'information_schema')"
    tables = f"SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN {system}"  # noqa: S608 - ours
    schemas = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|public$|information_schema$)'"
    loops = f"FOR one IN {tables} LOOP {table}; END LOOP; FOR one IN {schemas} LOOP {schema}; END LOOP;"
    return f"DO $$ DECLARE one record; BEGIN {loops} END $$;"


def _own_name() -> str:
    return pwd.getpwuid(os.getuid()).pw_name


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _answers(folder: Path, port: int) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(folder / f".s.PGSQL.{port}"))
        except OSError:
            return False
    return (folder / "data" / "postmaster.pid").exists()
