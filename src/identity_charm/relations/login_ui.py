"""``ui-endpoint-info``: the pages people see instead of the server's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import ops

from . import bags

ENDPOINT = "ui-endpoint-info"
#: What a provider may write; several providers may share the work.
PAGES = (
    "error_url",
    "login_url",
    "recovery_url",
    "registration_url",
    "settings_url",
    "verification_url",
    "webauthn_settings_url",
    "account_linking_settings_url",
)
#: The flows whose page is named after them.
FLOWS = ("error", "login", "recovery", "registration", "settings", "verification")


@dataclass(frozen=True)
class LoginUi:
    """Address by page. Without a route in front of it a login UI gives paths only.

    Attributes:
        problems: what of it cannot be used.
    """

    pages: Mapping[str, str] = field(default_factory=dict[str, str])
    problems: tuple[str, ...] = ()

    @classmethod
    def load(cls, model: ops.Model) -> "LoginUi":
        """Read all relations. Of a page that two of them offer, the one that was there first is shown."""
        pages: dict[str, str] = {}
        problems: list[str] = []
        for _, bag in bags.remotes(model, ENDPOINT):
            for page in (one for one in PAGES if bag.get(one)):
                with bags.noted(problems):
                    if pages.setdefault(page, _address(page, bag[page])) != bag[page]:
                        raise bags.RelationError(f"{ENDPOINT}: two applications offer {page}; remove one of them")
        return cls(pages, tuple(problems))

    @property
    def origins(self) -> list[str]:
        """Scheme and host of the pages, each once."""
        parts = [urlsplit(page) for page in self.pages.values()]
        return sorted({f"{part.scheme}://{part.netloc}" for part in parts if part.netloc})

    def settings(self) -> dict[str, Any]:
        """The addresses in ``selfservice``."""
        if not self.pages:
            return {}
        flows: dict[str, Any] = {
            flow: {"ui_url": self.pages[f"{flow}_url"]} for flow in FLOWS if f"{flow}_url" in self.pages
        }
        if "login" in flows:
            flows["login"]["style"] = "identifier_first"
        after = {
            "webauthn": self.pages.get("webauthn_settings_url"),
            "oidc": self.pages.get("account_linking_settings_url"),
        }
        returns = {method: {"default_browser_return_url": url} for method, url in after.items() if url}
        if returns:
            flows.setdefault("settings", {})["after"] = returns
        selfservice: dict[str, Any] = {"flows": flows}
        if "settings_url" in self.pages:
            selfservice["default_browser_return_url"] = self.pages["settings_url"]
        return {"selfservice": selfservice}


def _address(page: str, found: str) -> str:
    if found.startswith("/") and not found.startswith("//") and bags.is_web_url(f"http://host{found}"):
        return found
    if not bags.is_web_url(found):
        raise bags.RelationError(
            f"{ENDPOINT}: {page} is not an address; allowed are a URL for http or https, and a path"
        )
    return found
