"""A GitHub App: what it may read is part of the app, so no scopes are asked for or granted."""

from collections.abc import Mapping

from identity_server.methods.oidc_method.claims import Claims
from identity_server.methods.oidc_method.providers.github import GitHub
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens


class GitHubApp(GitHub):
    """An app at GitHub with the permission to read addresses."""

    def scope(self) -> list[str]:
        """None."""
        return []

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user with the primary address."""
        return await self.described(await self.profile("https://api.github.com/user", tokens), tokens, with_email=True)


PROVIDER = GitHubApp
