"""Self-service: flows, their states, and the engine that moves them."""
