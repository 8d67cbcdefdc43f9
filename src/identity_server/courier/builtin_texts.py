"""The texts that are sent where the operator gave none. They are templates like the operator's own.

Some of them are read by programs and are worded as those expect from Kratos: every SMS, the subjects of codes that
recover and verify, of verifications of unknown addresses, and the plain text of a recovery's code. The rest is in our
own words. HTML has no colour of six digits and no address besides the link of the message, because people and programs
search mails for codes and links.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Part = Literal["subject", "plaintext", "html", "sms"]
PARTS: tuple[Part, ...] = ("subject", "plaintext", "html", "sms")

_PAGE = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>\n'
    '<body style="margin:0;background:#f4f4f4;font-family:sans-serif;color:#222">\n'
    '<div style="max-width:32em;margin:2em auto;padding:2em;background:#fff;border-radius:8px;line-height:1.5">\n'
    "{content}</div>\n</body></html>\n"
)
_CODE = '<p style="font-size:1.8em;letter-spacing:.2em;font-weight:bold">{{{{ .{0} }}}}</p>\n'
_LINK = (
    '<p><a href="{{{{ .{0} }}}}" style="display:inline-block;padding:.7em 1.4em;background:#247;color:#fff;'
    'border-radius:6px;text-decoration:none">{1}</a></p>\n'
    '<p style="font-size:.85em">Does the button not work? Open this address: '
    '<a href="{{{{ .{0} }}}}">{{{{ .{0} }}}}</a></p>\n'
)
_VALID_FOR = "{{ if .ExpiresInMinutes }} within {{ .ExpiresInMinutes }} minutes{{ end }}"
_ORIGIN = "{{{{ if .RequestURLDomain }}}}\n@{{{{ .RequestURLDomain }}}} #{{{{ .{0} }}}}\n{{{{ end }}}}"


@dataclass(frozen=True, slots=True)
class Texts:
    """Sources of the parts of one type; empty where it has none."""

    subject: str = ""
    plaintext: str = ""
    html: str = ""
    sms: str = ""

    def part(self, part: Part) -> str:
        """One of them."""
        return str(getattr(self, part))


def _paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>\n" for text in texts if text)


def _page(title: str, content: str) -> str:
    return _PAGE.format(title=title, content=content)


def _code(subject: str, title: str, field: str, plain: str, sms: str, link: str = "") -> Texts:
    hint = f"Enter this code{_VALID_FOR} where you were asked for it:"
    ignore = "Was it somebody else? Then do nothing, and tell nobody the code."
    button = _LINK.format(link, title) if link else ""
    content = f"<h1>{title}</h1>\n" + _paragraphs(hint) + _CODE.format(field) + button + _paragraphs(ignore)
    return Texts(subject, plain, _page(title, content), sms)


def _link(title: str, field: str, act: str) -> Texts:
    ask = f"to {act}, open this address{_VALID_FOR}:"
    ignore = "If you did not ask for this, nothing happens as long as you leave the link alone."
    plain = f"Hello,\n\n{ask}\n\n{{{{ .{field} }}}}\n\n{ignore}\n"
    content = f"<h1>{title}</h1>\n" + _paragraphs("Hello, " + ask) + _LINK.format(field, title) + _paragraphs(ignore)
    return Texts(title, plain, _page(title, content))


def _unknown(subject: str, asked: str) -> Texts:
    lines = (
        f"Somebody gave the address {{{{ .To }}}} to {asked}, but no account here has it.",
        "If that was you, try the address you signed up with. Otherwise there is nothing you need to do.",
    )
    return Texts(subject, "\n\n".join(lines) + "\n", _page(subject, _paragraphs(*lines)))


_CHANGED = (
    "an address of your account was changed{{ if .ChangedAt }} on {{ date `2 January 2006 at 15:04 MST` .ChangedAt }}"
    "{{ end }}.",
    "If that was not you, sign in, set a new password and check your addresses at once.",
)

BUILT_IN: Mapping[str, Texts] = {
    "recovery_valid": _link("Your way back into your account", "RecoveryURL", "get back into your account"),
    "recovery_invalid": _unknown("No account here has your address", "get back into an account"),
    "recovery_code_valid": _code(
        "Use code {{ .RecoveryCode }} to recover access to your account",
        "Get back into your account",
        "RecoveryCode",
        "Recover access to your account by entering the following code:\n\n{{ .RecoveryCode }}\n\n"
        "If this was not you, do nothing. This code expires in {{ .ExpiresInMinutes }} minutes.\n",
        "Your recovery code is: {{ .RecoveryCode }}\n" + _ORIGIN.format("RecoveryCode"),
    ),
    "recovery_code_invalid": _unknown("No account here has your address", "get back into an account"),
    "verification_valid": _link("Is this address yours?", "VerificationURL", "confirm that this is yours"),
    "verification_invalid": _unknown("Someone tried to verify this email address", "confirm it as theirs"),
    "verification_code_valid": _code(
        "Use code {{ .VerificationCode }} to verify your account",
        "Confirm your address",
        "VerificationCode",
        f"Hello,\n\nto confirm this address, enter this code{_VALID_FOR}:\n\n{{{{ .VerificationCode }}}}\n\n"
        "or open this address:\n\n{{ .VerificationURL }}\n\n"
        "If you did not ask for this, leave both alone.\n",
        "Your verification code is: {{ .VerificationCode }}\n\n"
        "If this was not you, do nothing. It expires in {{ .ExpiresInMinutes }} minutes.\n"
        + _ORIGIN.format("VerificationCode"),
        link="VerificationURL",
    ),
    "verification_code_invalid": _unknown("Someone tried to verify this email address", "confirm it as theirs"),
    "login_code_valid": _code(
        "{{ .LoginCode }} is your code to sign in",
        "Sign in",
        "LoginCode",
        f"Hello,\n\nto sign in, enter this code{_VALID_FOR}:\n\n{{{{ .LoginCode }}}}\n\n"
        "If you are not signing in right now, somebody else tries to: tell nobody the code.\n",
        "Your login code is: {{ .LoginCode }}\n\nIt expires in {{ .ExpiresInMinutes }} minutes.\n"
        + _ORIGIN.format("LoginCode"),
    ),
    "registration_code_valid": _code(
        "{{ .RegistrationCode }} is your code to create the account",
        "Create your account",
        "RegistrationCode",
        f"Welcome,\n\nto finish signing up, enter this code{_VALID_FOR}:\n\n{{{{ .RegistrationCode }}}}\n\n"
        "If you did not sign up, do nothing: without the code there will be no account.\n",
        "Your registration code is: {{ .RegistrationCode }}\n\nIt expires in {{ .ExpiresInMinutes }} minutes.\n"
        + _ORIGIN.format("RegistrationCode"),
    ),
    "verifiable_address_changed": Texts(
        "An address of your account was changed",
        "Hello,\n\n" + "\n\n".join(_CHANGED) + "\n",
        _page("Your address was changed", _paragraphs("Hello, " + _CHANGED[0], _CHANGED[1])),
        "An address of your account was changed. If that was not you, secure your account now.\n",
    ),
    "stub": Texts("{{ .Subject }}", "{{ .Body }}", "<p>{{ .HTMLBody }}</p>\n", "{{ .Body }}"),
}
