"""Passwords everybody tries first, offline: an attacker's first guesses need no breach service to be known.

``common_passwords.txt.gz`` holds 15,000 of them in alphabetical order, one a line, in lower case: 10,000 with eight
and more characters, 5,000 with six or seven. They are the highest ranked of the lists that zxcvbn 4.5 (MIT licence)
and Django 5.2 (BSD licence) publish, both counted from leaked databases. OWASP ASVS 5.0 (6.2.4) asks for 3,000.
"""

import gzip
from functools import cached_property
from importlib import resources

_FILE = "common_passwords.txt.gz"


class CommonPasswords:
    """Looks passwords up in the list, whatever their case. The list is read at the first look."""

    def __contains__(self, password: str) -> bool:
        line = password.lower().encode("utf-8", "surrogatepass")
        return b"\n" not in line and b"\n" + line + b"\n" in self._lines

    @cached_property
    def _lines(self) -> bytes:
        packed = resources.files("identity_server.passwords").joinpath(_FILE).read_bytes()
        return b"\n" + gzip.decompress(packed)
