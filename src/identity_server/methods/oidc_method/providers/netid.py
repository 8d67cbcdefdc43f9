"""netID: browsers' federated sign-in hands out a token that has to be traded for an ID token first."""

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.providers.told import ToldByUserinfo
from identity_server.methods.oidc_method.refusals import ProviderRefused
from identity_server.methods.oidc_method.web_calls import BadAnswer, as_object


class NetId(ToldByUserinfo):
    """netID accounts."""

    issuer = "https://broker.netid.de/"

    async def claims_of_app(self, id_token: str, nonce: str) -> Claims:
        """The claims of the ID token that netID gives for the browser's."""
        endpoints = await self.endpoints()
        fields = {"grant_type": "netid_fedcm", "fedcm_token": id_token}
        try:
            answer = as_object(
                await self.tools.web.post(endpoints.token, fields, {"Origin": self.settings.net_id_token_origin_header})
            )
        except BadAnswer as error:
            raise self.refused(error) from error
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused("The provider sent no ID token.")
        audiences = [self.settings.client_id, *self.settings.audiences]
        return claims_of(await self.of_app(token, endpoints, audiences, nonce))


PROVIDER = NetId
