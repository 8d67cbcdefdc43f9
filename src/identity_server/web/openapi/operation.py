"""What is known of one operation, and how OpenAPI says it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from identity_server.identity.payload import Body

Schema = Mapping[str, Any]
JSON = "application/json"
#: Answers that are no JSON.
MEDIA = {"text": "text/plain", "html": "text/html", "script": "text/javascript", "style": "text/css"}


@dataclass(frozen=True)
class Parameter:
    """A parameter beside the body."""

    name: str
    schema: Schema
    place: str = "query"
    about: str = ""
    required: bool = False

    def shown(self) -> dict[str, Any]:
        """As OpenAPI has it."""
        found: dict[str, Any] = {"name": self.name, "in": self.place, "schema": dict(self.schema)}
        if self.about:
            found["description"] = self.about
        if self.required or self.place == "path":
            found["required"] = True
        return found


@dataclass(frozen=True)
class Operation:
    """A method of a path.

    Attributes:
        id: the name that client packages call it by; Kratos' where Kratos has it.
        answers: what each status carries: names of components, ``text``, ``html``, or nothing.
        body: the model of the body, or the name of a component.
        forms: whether the body may be a form as well.
    """

    id: str
    summary: str
    tag: str
    answers: Mapping[int, str] = field(default_factory=dict[int, str])
    parameters: Sequence[Parameter] = ()
    body: type[Body] | str | None = None
    forms: bool = False

    def with_answers(self, more: Mapping[int, str]) -> "Operation":
        """The operation with further answers; its own stay."""
        return replace(self, answers={**more, **self.answers})

    def shown(self, path: str) -> dict[str, Any]:
        """As OpenAPI has it."""
        found: dict[str, Any] = {"operationId": self.id, "summary": self.summary, "tags": [self.tag]}
        named = {each.name for each in self.parameters}
        inside = [each for each in re.findall(r"\{(\w+)\}", path) if each not in named]
        parameters = [
            *(Parameter(name, {"type": "string", "minLength": 1}, "path") for name in inside),
            *self.parameters,
        ]
        if parameters:
            found["parameters"] = [each.shown() for each in parameters]
        if self.body is not None:
            found["requestBody"] = {"required": True, "content": self._content()}
        found["responses"] = {str(status): _answer(status, self.answers[status]) for status in sorted(self.answers)}
        return found

    def _content(self) -> dict[str, Any]:
        name = self.body if isinstance(self.body, str) else getattr(self.body, "__name__", "")
        media = [JSON, "application/x-www-form-urlencoded"] if self.forms else [JSON]
        return {each: {"schema": reference(name)} for each in media}


def reference(name: str) -> dict[str, str]:
    """A component by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(status: int, names: str) -> dict[str, Any]:
    found: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    content: dict[str, Any] = {}
    json_names = [name for name in names.split() if name not in MEDIA]
    if json_names:
        references = [reference(name) for name in json_names]
        content[JSON] = {"schema": references[0] if len(references) == 1 else {"anyOf": references}}
    for name in names.split():
        if name in MEDIA:
            content[MEDIA[name]] = {"schema": {"type": "string"}}
    if content:
        found["content"] = content
    return found
