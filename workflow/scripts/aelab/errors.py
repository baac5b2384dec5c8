"""The one exception that a user is meant to read."""


class LabError(Exception):
    """Something that the user can put right: the message names it and says what to do."""
