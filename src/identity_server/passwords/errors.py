"""What can go wrong with a password or its hash. No message carries a password, a salt or a hash."""


class HashError(ValueError):
    """A hash text that this server does not take."""


class UnsupportedHash(HashError):
    """The text is of no known format, or broken."""


class HashTooCostly(HashError):
    """A cost parameter is above its limit: checking one password would take the machine down with it.

    Attributes:
        parameter: such as ``bcrypt cost``.
        limit: the highest value allowed.
        actual: the value found.
    """

    def __init__(self, parameter: str, limit: int, actual: int) -> None:
        self.parameter = parameter
        self.limit = limit
        self.actual = actual
        super().__init__(f"{parameter} may be at most {limit}, but is {actual}")


class PasswordTooLong(ValueError):
    """The password has more bytes than the hasher can take.

    Attributes:
        limit: the most bytes allowed.
        actual: how many bytes the password has.
    """

    def __init__(self, limit: int, actual: int) -> None:
        self.limit = limit
        self.actual = actual
        super().__init__(f"a password may have at most {limit} bytes, but this one has {actual}")


class PoolBusy(RuntimeError):
    """Too many passwords wait to be hashed.

    Attributes:
        retry_after: whole seconds after which trying again makes sense.
    """

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"too many passwords wait to be hashed, try again in {retry_after} s")


class BreachServiceFailed(RuntimeError):
    """Whether a password was breached could not be learnt, and the configuration wants it known.

    Attributes:
        status: what the service answered, or None when it could not be reached.
    """

    def __init__(self, status: int | None = None) -> None:
        self.status = status
        super().__init__("the breached-password service gave no proper answer")
