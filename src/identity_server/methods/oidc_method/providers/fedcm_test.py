"""For trying out federated sign-in of browsers: a server of the standard whose ID tokens apps may hand in."""

from identity_server.methods.oidc_method.providers.openid import AppOpenIdProvider


class FedCmTest(AppOpenIdProvider):
    """A server for tests."""


PROVIDER = FedCmTest
