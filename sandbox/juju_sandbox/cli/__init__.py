"""The command line of the sandbox, in Juju 3's syntax and shapes."""
