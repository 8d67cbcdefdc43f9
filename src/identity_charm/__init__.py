"""What ``src/charm.py`` is made of: sources of settings, the workload, the admin client, the actions."""
