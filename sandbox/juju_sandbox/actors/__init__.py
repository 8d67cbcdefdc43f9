"""The other applications: each writes what the real charm writes, and starts the real program where there is one."""
