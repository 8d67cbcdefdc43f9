"""Finds and compiles the operator's templates when the server starts.

``courier.templates.<name>.<valid|invalid>.email.{subject,body.html,body.plaintext}`` and ``….sms.body.plaintext`` name
addresses; ``courier.template_override_path`` names a folder with ``<name>/<valid|invalid>/email.subject.gotmpl``,
``email.body.gotmpl`` (HTML), ``email.body.plaintext.gotmpl`` and ``sms.body.gotmpl``. An address wins over a file; a
part that neither has, or that is blank, keeps the built-in text.
"""

import os.path
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote

from identity_server.courier.builtin_texts import PARTS, Part
from identity_server.courier.go_templates.template import Template
from identity_server.courier.ports import Reader
from identity_server.courier.rendering import Key, compiled
from identity_server.courier.template_types import TYPES, TemplateType

_FILES: Mapping[Part, str] = {
    "subject": "email.subject.gotmpl",
    "plaintext": "email.body.plaintext.gotmpl",
    "html": "email.body.gotmpl",
    "sms": "sms.body.gotmpl",
}
_OPTIONS: Mapping[Part, tuple[str, ...]] = {
    "subject": ("email", "subject"),
    "plaintext": ("email", "body", "plaintext"),
    "html": ("email", "body", "html"),
    "sms": ("sms", "body", "plaintext"),
}


class TemplateUnreadable(Exception):
    """A configured template cannot be read; the text names its option."""


async def load_templates(courier: Mapping[str, Any], reader: Reader) -> dict[Key, Template]:
    """The operator's templates, compiled.

    Args:
        courier: the ``courier`` part of the configuration.
        reader: reads ``file://``, ``base64://`` and ``http(s)://`` addresses; the words of its errors are shown.

    Raises:
        TemplateUnreadable: when an address that is named cannot be read.
        TemplateSyntaxError: when a template is wrong, with the name of its option or file, line and column.
    """
    found: dict[Key, Template] = {}
    for kind, part in _all_parts():
        for place in (_from_option, _from_folder):
            name, text = await place(courier, kind, part, reader)
            if text.strip():
                found[kind.name, part] = compiled(kind.name, part, text, name)
                break
    return found


def _all_parts() -> Iterator[tuple[TemplateType, Part]]:
    for kind in TYPES.values():
        for part in PARTS:
            if kind.name != "stub" and (part != "sms" or kind.sms):
                yield kind, part


async def _from_option(courier: Mapping[str, Any], kind: TemplateType, part: Part, reader: Reader) -> tuple[str, str]:
    path = (*kind.option, *_OPTIONS[part])
    address: Any = courier.get("templates")
    for key in path:
        address = cast("Mapping[str, Any]", address).get(key) if isinstance(address, Mapping) else None
    if not address:
        return "", ""
    name = ".".join(("courier", "templates", *path))
    return name, await _read(name, str(address), reader)


async def _from_folder(courier: Mapping[str, Any], kind: TemplateType, part: Part, reader: Reader) -> tuple[str, str]:
    path = _file(str(courier.get("template_override_path") or ""), kind, part)
    return (path, await _read(path, "file://" + quote(path), reader)) if path else ("", "")


def _file(folder: str, kind: TemplateType, part: Part) -> str:
    path = os.path.join(folder, kind.folder, _FILES[part])
    return path if folder and os.path.lexists(path) else ""


async def _read(name: str, address: str, reader: Reader) -> str:
    try:
        raw = await reader(address)
    except Exception as error:
        raise TemplateUnreadable(f"{name}: {error}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateUnreadable(f"{name}: the template is not UTF-8") from error
