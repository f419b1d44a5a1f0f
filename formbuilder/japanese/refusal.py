"""The one error of this library."""


class Refused(ValueError):
    """The text cannot be taken; `message` tells the person, in Japanese, what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
