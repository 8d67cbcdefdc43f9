"""Form nodes of authenticator apps."""

from identity_server.messages import labels, login, settings
from identity_server.methods.totp_method import qr_code
from identity_server.methods.totp_method.credential import secret_of
from identity_server.ui import nodes
from identity_server.ui.nodes import Node

GROUP = "totp"
CODE = "totp_code"


def sign_in() -> list[Node]:
    """The code and a button."""
    label = login.authenticator_code_label()
    return [
        nodes.input_node(CODE, "text", GROUP, value="", required=True, label=label),
        nodes.submit("method", "totp", GROUP, login.use_authenticator()),
    ]


def set_up(url: str) -> list[Node]:
    """The secret as a picture and in letters, the first code, and a button."""
    secret = settings.authenticator_secret(secret_of(url))
    return [
        nodes.img(
            "totp_qr",
            GROUP,
            qr_code.data_url(url),
            width=qr_code.SIDE,
            height=qr_code.SIDE,
            label=settings.authenticator_qr_label(),
        ),
        nodes.text("totp_secret_key", GROUP, secret, label=settings.authenticator_secret_label()),
        nodes.input_node(CODE, "text", GROUP, required=True, label=labels.verify_code()),
        nodes.submit("method", "totp", GROUP, labels.save()),
    ]


def unlink() -> Node:
    """The button that removes the app."""
    return nodes.submit("totp_unlink", "true", GROUP, settings.unlink_authenticator(), required=True)
