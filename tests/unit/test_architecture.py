"""The arrows between modules, their names and their sizes, read from the source."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"
MODULES = {
    ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(SRC.rglob("*.py"))
    if not any(part.endswith(".egg-info") for part in path.parts)
}
MOST_LINES = 400
CHARM_ONLY = {"charm", "charms", "charmlibs", "cosl", "identity_charm", "lightkube", "ops", "requests"}
DOMAIN = ("identity", "session", "schema", "courier", "passwords", "ciphers", "mappers", "messages", "ui")
SHADOWING = {
    "code",
    "operator",
    "profile",
    "secrets",
    "token",
    "types",
    "http",
    "webauthn",
    "jwt",
    "json",
    "logging",
}


def imports(name: str) -> Iterator[str]:
    """Absolute names of all that a module imports, type-only imports included."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            for alias in node.names:
                yield f"{module}.{alias.name}" if f"{module}.{alias.name}" in MODULES else module


def local_imports(name: str) -> set[str]:
    return {target for target in imports(name) if target in MODULES and target != name}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("identity_server")])
def test_the_server_never_imports_the_charm_or_its_libraries(name: str) -> None:
    assert not {target.split(".")[0] for target in imports(name)} & CHARM_ONLY


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("identity_server")])
def test_the_charm_knows_the_contract_alone(name: str) -> None:
    server = {target for target in imports(name) if target.startswith("identity_server")}
    assert server <= {"identity_server.contract"}


def test_the_contract_needs_the_standard_library_alone() -> None:
    assert {target.split(".")[0] for target in imports("identity_server.contract")} <= sys.stdlib_module_names


@pytest.mark.parametrize("name", [n for n in MODULES if n.split(".")[1:2] and n.split(".")[1] in DOMAIN])
def test_the_domain_knows_neither_http_nor_sql(name: str) -> None:
    for target in imports(name):
        assert not target.startswith(("identity_server.web", "identity_server.storage", "identity_server.flows"))
        assert target.split(".")[0] not in {"starlette", "uvicorn", "sqlalchemy", "asyncpg", "sqlite3"}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("identity_server.methods.")])
def test_a_room_sees_no_request_no_statement_and_no_other_room(name: str) -> None:
    room = name.split(".")[2]
    for target in imports(name):
        assert not target.startswith(("identity_server.web", "identity_server.storage", "starlette"))
        if target.startswith("identity_server.methods.") and room.endswith("_method"):
            other = target.split(".")[2]
            assert other == room or not other.endswith("_method"), f"{name} imports {target}"


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_one_idea(name: str) -> None:
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("name", MODULES)
def test_no_module_shadows_another(name: str) -> None:
    assert name.split(".")[-1] not in SHADOWING


def test_no_module_imports_itself_through_others() -> None:
    graph = {name: local_imports(name) for name in MODULES}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for target in graph[name]:
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())
