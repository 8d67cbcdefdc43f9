"""Settings to text. Every value is written as JSON, so a hostile string can never become a key or end a line."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

TEMPLATES = Path(__file__).parents[2] / "templates"

#: Legal in a JSON string, yet a line break or refused by a YAML reader when it stands there bare.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def as_json(value: Any) -> str:
    """One line of JSON that YAML 1.1 and 1.2 readers take for the same value.

    Raises:
        ValueError: for infinite numbers.
    """
    if isinstance(value, str):
        return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{as_json(str(key))}: {as_json(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_json(inner) for inner in value) + "]"
    text = json.dumps(value, allow_nan=False)
    # YAML 1.1 reads 1e+16 as text; it wants the dot.
    return re.sub(r"^(-?\d+)e", r"\1.0e", text)


def render(template: str, **values: Any) -> str:
    """The text of a file under ``templates/``. The filter ``json`` is the only way a value gets in."""
    environment = jinja2.Environment(  # noqa: S701 - no HTML: values pass the filter "json"
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["json"] = as_json
    return environment.get_template(template).render(**values)
