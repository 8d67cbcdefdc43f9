"""Name, logo, colours and language from the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from identity_server.configuration import Configuration
from identity_server.pages.texts import Words


@dataclass(frozen=True)
class Brand:
    """How the pages look and speak.

    Attributes:
        logo_url: an address that the browser loads; empty for none.
        colours: custom properties of the style sheet by name, such as ``accent``.
        dark_colours: the same for who prefers dark pages.
    """

    name: str
    logo_url: str = ""
    colours: Mapping[str, str] = field(default_factory=dict[str, str])
    dark_colours: Mapping[str, str] = field(default_factory=dict[str, str])
    words: Words = field(default_factory=Words)

    def style(self) -> str:
        """The part of the style sheet that is the operator's; values were checked with the configuration.

        Light colours stay out of the dark: text that was chosen for white would be lost there.
        """
        return _rule("light", self.colours) + _rule("dark", self.dark_colours)


def _rule(scheme: str, colours: Mapping[str, str]) -> str:
    inner = "".join(f"--{name.replace('_', '-')}:{value};" for name, value in sorted(colours.items()))
    return f"@media (prefers-color-scheme:{scheme}){{:root{{{inner}}}}}" if inner else ""


def brand_of(configuration: Configuration) -> Brand:
    """The brand of a configuration."""

    def section(key: str) -> dict[str, str]:
        return {name: str(value) for name, value in configuration.section(f"pages.{key}").items() if value}

    return Brand(
        configuration.text("pages.name") or "Your account",
        configuration.text("pages.logo_url") or "",
        section("colors"),
        section("dark_colors"),
        Words(configuration.text("pages.language") or "en", section("texts")),
    )
