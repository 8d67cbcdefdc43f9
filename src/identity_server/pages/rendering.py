"""Templates, and the policy that browsers hold the pages to."""

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from identity_server.pages.brand import Brand
from identity_server.pages.form import is_removal

if TYPE_CHECKING:
    from jinja2 import Environment

ASSETS = {"style.css": "text/css; charset=utf-8", "pages.js": "text/javascript; charset=utf-8"}


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    # Whoever has pages of their own never needs it.
    from jinja2 import Environment, PackageLoader, select_autoescape

    environment = Environment(
        loader=PackageLoader("identity_server.pages"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shared: dict[str, Any] = {"is_removal": is_removal}
    environment.globals.update(shared)
    return environment


def page(template: str, brand: Brand, **values: Any) -> str:
    """A page as HTML."""
    return _environment().get_template(f"{template}.html.jinja").render(brand=brand, words=brand.words, **values)


@lru_cache(maxsize=8)
def asset(name: str) -> bytes:
    """A file of the pages.

    Raises:
        KeyError: when there is no such file.
    """
    if name not in ASSETS:
        raise KeyError(name)
    return files("identity_server.pages").joinpath("assets", name).read_bytes()


def headers(brand: Brand) -> dict[str, str]:
    """What tells browsers to run and load nothing but our own.

    Forms may lead on to providers and return addresses, which browsers count as the form's target; so those are
    limited to web addresses, not to ours.
    """
    logo = urlsplit(brand.logo_url)
    images = f"'self' data: {logo.scheme}://{logo.netloc}" if logo.netloc else "'self' data:"
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; connect-src 'self'; "
        "form-action 'self' https: http:; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
    }
