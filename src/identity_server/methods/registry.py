"""All rooms, in the order in which they are asked."""

from identity_server.methods.interface import Method
from identity_server.methods.password_method import PasswordMethod


def rooms() -> list[Method]:
    """The methods of this server."""
    return [PasswordMethod()]
