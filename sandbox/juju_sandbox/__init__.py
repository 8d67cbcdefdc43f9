"""Juju on a laptop: a model, its hook tools and its agents, around the real ops and the real Pebble."""
