"""What an agent can be asked to run, and the environment that Juju gives it."""

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Hook:
    """One hook or action; `kind` is what the model has to note once it has run."""

    kind: str
    name: str
    relation: int | None = None
    endpoint: str = ""
    remote_app: str = ""
    remote_unit: str = ""
    departing_unit: str = ""
    workload: str = ""
    check: str = ""
    notice: tuple[str, str, str] | None = None
    secret: str = ""
    secret_label: str = ""
    secret_revision: int | None = None
    storage: str = ""
    task: int | None = None

    @classmethod
    def from_json(cls, text: str) -> "Hook":
        fields: dict[str, Any] = json.loads(text)
        if fields["notice"]:
            fields["notice"] = tuple(fields["notice"])
        return cls(**fields)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @property
    def dispatch_path(self) -> str:
        return f"actions/{self.name}" if self.kind == "action" else f"hooks/{self.name}"

    def environment(self) -> dict[str, str]:
        """The variables that depend on the event; ones without a value are left out."""
        values: dict[str, object] = {
            "JUJU_DISPATCH_PATH": self.dispatch_path,
            "JUJU_RELATION": self.endpoint,
            "JUJU_RELATION_ID": f"{self.endpoint}:{self.relation}" if self.relation is not None else "",
            "JUJU_REMOTE_APP": self.remote_app,
            "JUJU_REMOTE_UNIT": self.remote_unit,
            "JUJU_DEPARTING_UNIT": self.departing_unit,
            "JUJU_WORKLOAD_NAME": self.workload,
            "JUJU_PEBBLE_CHECK_NAME": self.check,
            "JUJU_SECRET_ID": self.secret and f"secret:{self.secret}",
            "JUJU_SECRET_LABEL": self.secret_label,
            "JUJU_SECRET_REVISION": self.secret_revision,
            "JUJU_STORAGE_ID": self.storage,
        }
        if self.kind == "action":
            values |= {"JUJU_ACTION_NAME": self.name, "JUJU_ACTION_UUID": self.task, "JUJU_ACTION_TAG": self.task}
        if self.notice:
            values |= dict(zip(("JUJU_NOTICE_ID", "JUJU_NOTICE_TYPE", "JUJU_NOTICE_KEY"), self.notice, strict=True))
        chosen = {key: str(value) for key, value in values.items() if value not in ("", None)}
        return {"JUJU_HOOK_NAME": "" if self.kind == "action" else self.name} | chosen
