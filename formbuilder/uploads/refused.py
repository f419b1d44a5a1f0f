"""The one exception of this package."""

from formbuilder.japanese.wording import gettext as _


class UploadRefused(ValueError):
    """The file cannot be taken. `message` tells the applicant in Japanese what to do; `code` is for logs and tests."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def broken() -> UploadRefused:
    return UploadRefused(
        "broken",
        _("ファイルを最後まで読み取れませんでした。端末で開けることを確かめてから、もう一度選んでください。"),
    )
