"""Links with a token."""
