"""One room a sign-in method; see ``interface``."""
