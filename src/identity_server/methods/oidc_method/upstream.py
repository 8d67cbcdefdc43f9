"""Parameters that a page may add to the request at the provider."""

from typing import Any, Final

from identity_server.errors import bad_request
from identity_server.methods.interface import Form

ALLOWED: Final = ("login_hint", "hd", "prompt", "auth_type", "acr_values")
_LONGEST: Final = 1024


def parameters(form: Form) -> dict[str, str]:
    """The allowed ones; any other is dropped, so that nobody changes what the server asks for.

    Raises:
        ApiError: 400 when they are no object of texts.
    """
    given: Any = form.get("upstream_parameters")
    if given is None or given == "":
        return {}
    if not isinstance(given, dict):
        raise bad_request("The field upstream_parameters must be an object.")
    for name, value in given.items():
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise bad_request(
                f"The upstream parameter {str(name)[:50]!r} must be a text of at most {_LONGEST} characters."
            )
    return {name: given[name] for name in ALLOWED if given.get(name)}
