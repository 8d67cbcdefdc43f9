"""GitLab: gitlab.com unless the configuration names an instance."""

from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.told import ToldByUserinfo


class GitLab(ToldByUserinfo):
    """gitlab.com or an instance of one's own."""

    async def endpoints(self) -> Endpoints:
        """What the instance says about itself."""
        return await self.tools.discovery.endpoints((self.settings.issuer_url or "https://gitlab.com").rstrip("/"))


PROVIDER = GitLab
