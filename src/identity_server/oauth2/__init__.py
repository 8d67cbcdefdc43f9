"""The bridge to an OAuth2 server that leaves signing in to us: Ory Hydra's admin API."""
