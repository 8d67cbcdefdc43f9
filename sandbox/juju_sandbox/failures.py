"""The errors that the sandbox shows to people and to charms."""


class SandboxError(Exception):
    """A command that cannot be carried out; the text is for the operator."""


class ToolError(Exception):
    """A hook tool that refuses; the charm sees ``ERROR`` and the text on standard error, and exit code 1."""
