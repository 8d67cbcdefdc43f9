"""The schema as a page for people: ``python -m identity_server.configuration.reference``."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from identity_server.configuration import environment
from identity_server.configuration.explaining import allowed
from identity_server.configuration.tree import Path, Schema, document, expand, members

_TOP = """# Configuration

This page is made from the server's schema (`python -m identity_server.configuration.reference`).

Values come, in this order, from the defaults below, from the files given with `-c` (YAML, JSON or TOML; later files
go over earlier ones), from environment variables, and from flags. Sections are merged key by key; a list replaces the
list of an earlier layer. `kratos config check -c FILE` says what the server makes of a configuration and where each
value came from.

An unknown key, a value that is not allowed, or a missing required one stops the start; the message names the key, the
value's source and what is allowed. While the server runs, changed files are taken into use within a second or two; a
change that is not valid leaves the old configuration in use and writes one line to the log. `serve` (except
`serve.public.cors`, `serve.public.trusted_proxies` and `serve.admin.auth`) and `log` need a restart.

Environment variables have the names in the tables: the key in capitals, with underscores. `N` stands for an element's
number, from 0. Lists may be JSON (`["a","b"]`) or separated by commas; maps are JSON. Booleans are `true` or `false`.
An empty variable counts as unset.

Durations are numbers with units: `ns`, `us`, `ms`, `s`, `m`, `h`, such as `1h30m`. Sizes are numbers with `B`, `KB`,
`MB`, `GB`; a KB has 1024 bytes. Documents are addressed as `file:///PATH`, `base64://DATA` or `http(s)://…`.

Required are `dsn`, `identity.schemas` and `selfservice.default_browser_return_url`. With no file and no `DSN` in the
environment, `kratos serve` runs an embedded server instead: database and secrets in `$KRATOS_DATA_DIR`, or in `kratos`
in the XDG data home.

The format is that of Ory Kratos 26.2, with some additions, which stand [at the end](#additions-to-kratos-format). This
project is not affiliated with Ory.
"""
_SHARED_TOP = """## Shared parts

Keys in these tables stand below each key above that names the part. A variable's name follows from the whole key, such
as `SELFSERVICE_FLOWS_LOGIN_AFTER_HOOKS_0_CONFIG_URL`.
"""
#: Definitions that many keys refer to, and what a person calls them.
_SHARED = {
    "hook": "hook",
    "http_request": "HTTP request",
    "auth": "authentication",
    "email_template": "e-mail template",
    "sms_template": "text message template",
    "socket": "socket",
    "tls": "TLS",
}
_OURS = """## Additions to Kratos' format

Kratos refuses these keys.
"""


@dataclass(frozen=True)
class _Row:
    """One key.

    Attributes:
        path: with ``N`` for the elements of lists and ``NAME`` for names of one's own.
        part: the shared part that stands there, if any.
    """

    path: Path
    node: Schema
    required: bool
    is_ours: bool
    part: str = ""


def page() -> str:
    """The whole page, as Markdown."""
    rows = list(_rows(document(), (), ours=False))
    text = [_TOP]
    for section in document()["properties"]:
        own = [row for row in rows if row.path[0] == section and not row.is_ours]
        if len(own) == 1 and len(own[0].path) == 1:
            continue
        about = expand(document()["properties"][section])["description"]
        text.append(f"## {section}\n\n{about}\n\n{_table(own)}")
    single = [row for row in rows if len(row.path) == 1]
    text.insert(1, f"## Top level\n\n{_table(single)}")
    text += [_SHARED_TOP, *(_shared(name) for name in _SHARED)]
    text.append(_OURS + "\n" + _table([row for row in rows if row.is_ours]))
    return "\n".join(text)


def _shared(name: str) -> str:
    node = document()["$defs"][name]
    rows = list(_rows(node, (), ours=False))
    about = expand(node)["description"]
    return f"### {_SHARED[name]}\n\n{about}\n\n{_table(rows, variables=False)}"


def _reference(node: Schema) -> str:
    """The shared part that a key refers to."""
    name = node.get("$ref", "").rpartition("/")[2]
    return name if name in _SHARED else ""


def _rows(node: Schema, path: Path, *, ours: bool) -> Iterator[_Row]:
    node = expand(node)
    required = node.get("required", [])
    for name, child in members(node).items():
        yield from _key((*path, name), child, name in required, ours or bool(expand(child).get("x-ours")))


def _key(path: Path, node: Schema, required: bool, ours: bool) -> Iterator[_Row]:
    if part := _reference(node) or _reference(node.get("items", {})):
        yield _Row(path, expand(node), required, ours, part)
        return
    node = expand(node)
    if members(node):
        yield from _rows(node, path, ours=ours)
        return
    items, extra = expand(node.get("items", {})), node.get("additionalProperties")
    if members(items):
        yield from _rows(items, (*path, "N"), ours=ours)
    elif isinstance(extra, dict) and members(extra):
        yield from _rows(extra, (*path, "NAME"), ours=ours)
    else:
        yield _Row(path, node, required, ours)


def _table(rows: list[_Row], *, variables: bool = True) -> str:
    lines = ["| Key | Allowed | Default | Meaning |", "| --- | --- | --- | --- |"]
    for row in rows:
        key = f"`{'.'.join(row.path)}`<br>`{environment.name_of(row.path)}`"
        if "NAME" in row.path or not variables or environment.name_of(row.path) in environment.IGNORED:
            key = f"`{'.'.join(row.path)}`"
        about = row.node.get("description", "")
        cells = (key, _part(row) if row.part else _allowed(row.node), _default(row), about)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _part(row: _Row) -> str:
    words = _SHARED[row.part]
    link = f"[{words}](#{words.lower().replace(' ', '-')})"
    if row.node.get("type") != "array":
        return link
    names = members(row.node["items"])["hook"].get("enum", [])
    return f"list of: {link}, of {', '.join(names)}"


def _allowed(node: Schema) -> str:
    items = expand(node.get("items", {}))
    if node.get("type") == "array":
        return f"list of: {allowed(items)}" if items else "list"
    extra = node.get("additionalProperties")
    if isinstance(extra, dict):
        return f"map of names to {allowed(extra)}"
    return allowed(node).strip() or "any value"


def _default(row: _Row) -> str:
    if "default" in row.node:
        return f"`{json.dumps(row.node['default'], ensure_ascii=False)}`"
    return "required" if row.required else ""


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
