"""Identities: what they are, how they change, how they are shown."""
