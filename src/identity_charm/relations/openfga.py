"""``openfga``: where the Admin UI looks up who may do what."""

from dataclasses import dataclass, field

import ops
import pydantic
from charmlibs.interfaces.openfga import OpenfgaProviderAppData

from . import bags

ENDPOINT = "openfga"
#: OpenFGA's charm hands the same store to all who ask for it by the same name; this is the Admin UI's.
STORE_NAME = "identity-platform-admin-ui-store"


@dataclass(frozen=True)
class OpenFga:
    """The store, once OpenFGA has made it.

    Attributes:
        authorities: certificates to trust besides those of the system, as PEM.
    """

    related: bool = False
    url: str = ""
    store_id: str = ""
    token: str = field(default="", repr=False)
    authorities: tuple[str, ...] = ()

    @classmethod
    def load(cls, model: ops.Model) -> "OpenFga":
        """Read the relation; the token always in its newest revision.

        Raises:
            RelationError: when the address is none.
        """
        relation = bags.first(model, ENDPOINT)
        try:
            found = OpenfgaProviderAppData.model_validate(dict(bags.remote(relation)))
        except pydantic.ValidationError:
            return cls(related=relation is not None)
        granted = bags.secret_of(model, relation, found.token_secret_id or "") if relation else {}
        token = granted.get("token", "") or bags.remote(relation).get("token", "")
        url = bags.web_url(ENDPOINT, "http_api_url", found.http_api_url)
        return cls(True, url, found.store_id or "", token)

    @property
    def ready(self) -> bool:
        """Whether tuples can be written."""
        return bool(self.url and self.store_id)


def publish(model: ops.Model) -> None:
    """Ask for the store."""
    for relation in model.relations[ENDPOINT]:
        bags.write(relation, model.app, {"store_name": STORE_NAME})
