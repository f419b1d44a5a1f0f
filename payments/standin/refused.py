"""A request that is refused, in the shape in which the API says so."""

from typing import Any


class Refused(Exception):
    """is_early: refused before anything was tried, so that an idempotency key remembers nothing of it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",  # noqa: A002 - the API's own word
        code: str = "",
        param: str = "",
        is_early: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.is_early = status, is_early
        said = {"type": type, "message": message, "code": code, "param": param}
        self.body: dict[str, Any] = {"error": {name: text for name, text in said.items() if text}}


def missing(kind: str, name: str, param: str = "id") -> Refused:
    label = kind.rpartition(".")[2]
    return Refused(f"No such {label}: '{name}'", status=404, code="resource_missing", param=param)
