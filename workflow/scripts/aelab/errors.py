"""The exceptions whose messages are written for users."""


class LabError(Exception):
    """A problem that the user can solve: the message names it and says what to do."""


class ConfigurationError(LabError):
    """A configuration that cannot be used.

    Parameters
    ----------
    key : str
        The key that is wrong, parts joined by dots.
    found : object
        What it holds, as the message shows it.
    allowed : str
        What it may hold, or what to do.
    """

    def __init__(self, key: str, found: object, allowed: str) -> None:
        self.key, self.found, self.allowed = key, found, allowed
        super().__init__(f"config: {key}: found {found}; {allowed}")
