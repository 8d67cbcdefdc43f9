"""Name, logo and colours from the configuration."""

from dataclasses import dataclass

from identity_server.configuration import Configuration


@dataclass(frozen=True)
class Brand:
    """How the pages look.

    Attributes:
        logo_url: an address that the browser loads; empty for none.
        colours: custom properties of the style sheet by name, such as ``accent``.
    """

    name: str
    logo_url: str
    colours: dict[str, str]

    def style(self) -> str:
        """The part of the style sheet that is the operator's; values were checked with the configuration."""
        rules = "".join(f"--{name.replace('_', '-')}:{value};" for name, value in sorted(self.colours.items()))
        return f":root{{{rules}}}" if rules else ""


def brand_of(configuration: Configuration) -> Brand:
    """The brand of a configuration."""
    return Brand(
        configuration.text("pages.name") or "Your account",
        configuration.text("pages.logo_url") or "",
        {name: str(value) for name, value in configuration.section("pages.colors").items() if value},
    )
