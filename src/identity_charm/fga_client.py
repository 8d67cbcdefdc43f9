"""The part of OpenFGA's API with which somebody becomes, or ceases to be, an administrator of the Admin UI."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from .relations.openfga import OpenFga
from .trust import TrustingAdapter

SECONDS = (3, 10)
RELATION, OBJECT = "admin", "privileged:superuser"


class FgaError(Exception):
    """OpenFGA did not do it; the text says why."""


@dataclass(frozen=True)
class FgaClient:
    """Writes to the store of the relation."""

    store: OpenFga

    def appoint(self, email: str) -> bool:
        """Make an account an administrator. False when it was one.

        Raises:
            FgaError: when OpenFGA refuses, for want of a model for one.
        """
        if self.is_administrator(email):
            return False
        self._call("write", {"writes": {"tuple_keys": [_tuple(email)]}})
        return True

    def dismiss(self, email: str) -> bool:
        """Make an account no administrator. False when it was none.

        Raises:
            FgaError: when OpenFGA refuses.
        """
        if not self.is_administrator(email):
            return False
        self._call("write", {"deletes": {"tuple_keys": [_tuple(email)]}})
        return True

    def is_administrator(self, email: str) -> bool:
        """Whether the tuple is there.

        Raises:
            FgaError: when OpenFGA refuses.
        """
        return bool(self._call("read", {"tuple_key": _tuple(email)}).get("tuples"))

    def _call(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.store.token}"} if self.store.token else {}
        url = f"{self.store.url}/stores/{quote(self.store.store_id, safe='')}/{what}"
        try:
            with requests.Session() as session:
                session.trust_env = False
                session.mount("https://", TrustingAdapter(self.store.authorities))
                answer = session.post(url, json=body, headers=headers, timeout=SECONDS, allow_redirects=False)
            if answer.status_code == 200:
                return dict(answer.json())
            raise FgaError(_reason(answer))
        except requests.JSONDecodeError:
            raise FgaError("OpenFGA's answer is not JSON") from None
        except requests.exceptions.SSLError as refused:
            raise FgaError(_insecure(refused)) from None
        except requests.RequestException:
            raise FgaError("OpenFGA does not answer") from None


def _tuple(email: str) -> dict[str, str]:
    return {"user": f"user:{email}", "relation": RELATION, "object": OBJECT}


def _insecure(refused: requests.exceptions.SSLError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(refused):
        return "OpenFGA's certificate is not to be trusted: integrate receive-ca-cert with the authority that issued it"
    return "no secure connection to OpenFGA can be made"


def _reason(answer: requests.Response) -> str:
    try:
        found = answer.json()
        code, message = str(found.get("code", "")), str(found.get("message", ""))
    except (requests.JSONDecodeError, AttributeError):
        return f"OpenFGA answered {answer.status_code}"
    if code == "latest_authorization_model_not_found":
        return "OpenFGA's store has no model yet: the Admin UI makes it when it is deployed"
    return f"OpenFGA refuses: {message or code or answer.status_code}"
