"""The exceptions that a user is meant to read."""


class LabError(Exception):
    """Something that the user can put right: the message names it and says what to do."""


class ConfigurationError(LabError):
    """The configuration cannot be used; the message names the key, what it holds and what it may hold."""

    def __init__(self, key, found, allowed):
        self.key, self.found, self.allowed = key, found, allowed
        super().__init__(f"config: {key}: found {found}; {allowed}")
